// mocha is the user's: this file takes its types only. `mocha --require weftline/testing/mocha` finds `mochaHooks` by its name.
import type { Context, RootHookObject } from "mocha";
import { leakCheck } from "./leak-check.ts";

const check = leakCheck();

/**
 * Root hooks that fail a test which leaves something behind: a delayed call, on `systemClock` or a `FakeClock`, an open listener or connection, an unanswered
 * request, a Deferred that nobody fired or cancelled, a held lock, an unhandled rejection. Each is named with the place where it was started.
 *
 * Turned on by `--require weftline/testing/mocha`, or `require` in `.mocharc`. The test itself fails, and the run goes on; what was left is
 * ended. A test that has failed already is not failed again. What is started in a `before` hook is not looked at.
 */
export const mochaHooks: RootHookObject = {
  beforeEach() {
    check.begin();
  },
  async afterEach(this: Context) {
    const test = this.currentTest;
    await check.end().catch((error: unknown) => {
      // The runner fails a test that emits an error, also after it has passed; without a runner the hook itself fails.
      if (test?.state !== "failed") test?.emit("error", error);
    });
  },
};
