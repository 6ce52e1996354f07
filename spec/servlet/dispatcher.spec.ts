import { EventEmitter } from "node:events";
import { expect } from "chai";
import { stub } from "sinon";
import { Deferred } from "../../lib/defer/deferred.ts";
import { setReporter } from "../../lib/defer/report.ts";
import {
  Dispatcher,
  type DispatcherOptions,
  SHUTDOWN_PENDING,
} from "../../lib/servlet/dispatcher.ts";
import { Job, PRIORITY_JOB } from "../../lib/servlet/job.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";

function dispatching(options: DispatcherOptions = {}) {
  const clock = new FakeClock();
  const signals = new EventEmitter();
  const told: string[] = [];
  const dispatcher = new Dispatcher({
    clock,
    signals,
    exit: (code) => told.push(`exit ${code}`),
    ...options,
  });
  dispatcher.subscribeShutdown((phase) => {
    told.push(phase === SHUTDOWN_PENDING ? "pending" : "arrived");
  });
  void dispatcher.run().then(() => told.push("stopped"));
  return { clock, signals, told, dispatcher };
}

describe("servlet/dispatcher", () => {
  let reported: string[] = [];
  let before = setReporter();
  beforeEach(() => {
    reported = [];
    before = setReporter((error, where) => reported.push(`${where}: ${String(error)}`));
  });
  afterEach(() => {
    setReporter(before);
  });

  it("schedules jobs and functions", () => {
    const { clock, dispatcher, told } = dispatching();
    dispatcher.schedule(() => told.push("function"));
    dispatcher.schedule(new Job(() => told.push("job"), { clock }), PRIORITY_JOB);
    dispatcher.schedule(() => told.push("cancelled")).cancel();
    clock.advance(0);
    expect(told).to.deep.equal(["job", "function"]);
  });

  it("shuts down in two phases, and then run resolves", async () => {
    const { clock, dispatcher, told } = dispatching();
    expect(dispatcher.isShuttingDown).to.equal(false);
    dispatcher.shutdown();
    dispatcher.shutdown(0);
    expect(dispatcher.isShuttingDown).to.equal(true);
    await clock.advanceAsync(999);
    expect(told).to.deep.equal(["pending"]);
    await clock.advanceAsync(1);
    expect(told).to.deep.equal(["pending", "arrived", "stopped"]);
    await dispatcher.run();
    expect(clock.pending).to.deep.equal([]);
  });

  it("shuts down by a signal, and exits at once by a second one", async () => {
    const { clock, signals, dispatcher, told } = dispatching();
    dispatcher.monitor("SIGINT");
    dispatcher.monitor("SIGINT");
    dispatcher.monitor("SIGTERM");
    signals.emit("SIGINT");
    expect(told).to.deep.equal(["pending"]);
    signals.emit("SIGTERM");
    expect(told).to.deep.equal(["pending", "exit 143"]);
    await clock.advanceAsync(1_000);
    expect(told.slice(2)).to.deep.equal(["arrived", "stopped"]);
    expect(signals.listenerCount("SIGINT") + signals.listenerCount("SIGTERM")).to.equal(0);
    dispatcher.monitor("SIGINT");
    expect(signals.listenerCount("SIGINT")).to.equal(0);
  });

  it("listens to the process unless told otherwise", () => {
    const dispatcher = new Dispatcher();
    const count = process.listenerCount("SIGUSR2");
    dispatcher.monitor("SIGUSR2");
    expect(process.listenerCount("SIGUSR2")).to.equal(count + 1);
    dispatcher.stop();
    expect(process.listenerCount("SIGUSR2")).to.equal(count);
  });

  it("ends the process unless told otherwise", () => {
    const exit = stub(process, "exit");
    const signals = new EventEmitter();
    const dispatcher = new Dispatcher({ clock: new FakeClock(), signals });
    dispatcher.monitor("SIGINT");
    signals.emit("SIGINT");
    signals.emit("SIGINT");
    exit.restore();
    dispatcher.stop();
    expect(exit.args).to.deep.equal([[130]]);
  });

  it("is held as often as it is suspended", async () => {
    const { clock, dispatcher, told } = dispatching();
    dispatcher.suspendShutdown();
    dispatcher.suspendShutdown();
    dispatcher.shutdown(10);
    await clock.advanceAsync(20);
    dispatcher.resumeShutdown();
    expect(told).to.deep.equal(["pending"]);
    dispatcher.resumeShutdown();
    expect(told).to.deep.equal(["pending", "arrived"]);
    expect(() => dispatcher.resumeShutdown()).to.throw(RangeError);
    expect(clock.pending).to.deep.equal([]);
  });

  it("is held no longer than it may be, which is reported", async () => {
    const { clock, dispatcher, told } = dispatching({ holdMs: 100 });
    dispatcher.suspendShutdown();
    dispatcher.shutdown(10);
    await clock.advanceAsync(109);
    expect(told).to.deep.equal(["pending"]);
    await clock.advanceAsync(1);
    expect(told).to.deep.equal(["pending", "arrived"]);
    await clock.advanceAsync(100);
    expect(told.at(-1)).to.equal("stopped");
    expect(reported.join()).to.contain("1 holds").and.contain("100 ms");
    dispatcher.resumeShutdown();
  });

  it("is held by the promise of a subscriber, whatever becomes of that", async () => {
    const { clock, dispatcher, told } = dispatching();
    const held = new Deferred<void>();
    dispatcher.subscribeShutdown(async (phase) => {
      if (phase === SHUTDOWN_PENDING) await held;
    });
    dispatcher.shutdown(10);
    await clock.advanceAsync(50);
    expect(told).to.deep.equal(["pending"]);
    held.errback(new Error("oops"));
    await clock.advanceAsync(0);
    expect(told).to.deep.equal(["pending", "arrived", "stopped"]);
    expect(reported.join()).to.contain("oops");
  });

  it("tells the others where a subscriber throws, and not who has left", () => {
    const { dispatcher, told } = dispatching();
    dispatcher.subscribeShutdown(() => {
      throw new Error("oops");
    });
    const left = dispatcher.subscribeShutdown(() => void told.push("left"));
    dispatcher.subscribeShutdown(() => void told.push("last"));
    left[Symbol.dispose]();
    dispatcher.shutdown();
    expect(told).to.deep.equal(["pending", "last"]);
    expect(reported.join()).to.contain("oops");
  });

  it("stopped in the middle tells nobody any more", async () => {
    const { clock, dispatcher, told } = dispatching();
    dispatcher.shutdown(10);
    dispatcher.stop();
    await clock.advanceAsync(20);
    expect(told).to.deep.equal(["pending", "stopped"]);
  });
});
