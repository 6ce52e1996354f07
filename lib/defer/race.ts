import { Deferred } from "./deferred.ts";

/** All of several have failed. `errors` are the reasons, in the order of the list. Twisted's. */
export class FailureGroup extends AggregateError {
  override readonly name: string = "FailureGroup";

  constructor(errors: readonly unknown[]) {
    super(errors, `all of ${errors.length} have failed: ${errors.map(String).join("; ")}`);
  }
}

/**
 * A Deferred of the first result of all in `list`, as `[index, result]`; the others are cancelled. Twisted's.
 *
 * Fails with a {@link FailureGroup} when all have failed. For an empty list it never fires. To cancel it cancels all. The results
 * and failures of the members are used up, so none is reported as unhandled.
 */
export function race<L extends readonly PromiseLike<unknown>[] | []>(
  list: L,
): Deferred<[index: number, result: Awaited<L[number]>]> {
  const members = list.map((member) => Deferred.from(member)) as Deferred<Awaited<L[number]>>[];
  const cancelAll = (): void => {
    for (const member of members) member.cancel();
  };
  const first = new Deferred<[number, Awaited<L[number]>]>(cancelAll);
  const reasons: unknown[] = [];
  let failed = 0;
  let won = false;
  for (const [index, member] of members.entries()) {
    member.addCallbacks(
      (result) => {
        if (won) return;
        won = true;
        cancelAll();
        if (!first.called) first.callback([index, result]);
      },
      (reason) => {
        reasons[index] = reason;
        failed += 1;
        if (failed === members.length && !first.called) first.errback(new FailureGroup(reasons));
      },
    );
  }
  return first;
}
