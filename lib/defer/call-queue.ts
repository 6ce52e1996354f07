import { type DelayedCall, validDelay } from "./delayed-call.ts";
import type { Place } from "./place.ts";

/** What a queue needs of the clock that it belongs to. */
export interface Timekeeper {
  now(): number;
  /** The queue has changed: another call may be first, or none may be left. */
  changed(): void;
}

/** The index of a call that is in no heap. */
const OUT = -1;

type AnyCall = (...args: unknown[]) => void;

/** A call in a {@link CallQueue}. Once made or cancelled it holds neither the function nor its arguments. */
export class QueuedCall implements DelayedCall {
  time: number;
  /** Which of two calls for the same time comes first. */
  sequence: number;
  /** Where it stands in the heap. Only the heap writes it. */
  index: number = OUT;
  /** Whether it shows in `pending` and keeps the process up; not so for housekeeping. */
  readonly listed: boolean;
  /** Where it was asked for, as far as somebody wants to know. */
  origin: Place | undefined;
  readonly #queue: CallQueue;
  #call: AnyCall | undefined;
  #args: readonly unknown[] | undefined;

  // oxlint-disable-next-line max-params -- only CallQueue makes them
  constructor(
    queue: CallQueue,
    time: number,
    sequence: number,
    call: AnyCall,
    args: readonly unknown[] | undefined,
  ) {
    this.time = time;
    this.sequence = sequence;
    this.listed = args !== undefined;
    this.origin = undefined;
    this.#queue = queue;
    this.#call = call;
    this.#args = args;
  }

  get active(): boolean {
    return this.index !== OUT;
  }

  /** `path/file.ts:12:5`, where it was asked for. */
  get place(): string {
    return String(this.origin ?? "an unknown place");
  }

  /** All frames of {@link place}, one a line. */
  get stack(): string {
    return this.origin?.stack ?? "";
  }

  cancel(): boolean {
    if (!this.active) return false;
    this.#call = undefined;
    this.#args = undefined;
    this.#queue.remove(this);
    return true;
  }

  reset(delayMs: number): void {
    validDelay(delayMs);
    if (this.active) this.#queue.move(this, delayMs);
  }

  delay(extraMs: number): void {
    if (!Number.isFinite(extraMs)) {
      throw new RangeError(`a delay is a finite number of ms, not ${String(extraMs)}`);
    }
    if (this.active) this.#queue.postpone(this, extraMs);
  }

  /** Makes the call. Only after {@link CallQueue.take}, and once. */
  make(): void {
    const call = this.#call as AnyCall;
    const args = this.#args;
    this.#call = undefined;
    this.#args = undefined;
    if (args === undefined || args.length === 0) call();
    else call(...args);
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

/**
 * The calls that wait on one clock, in order of time, and of registration where times are equal.
 *
 * A binary heap: to add, move and cancel a call takes O(log n), to see the first O(1).
 */
export class CallQueue {
  readonly #keeper: Timekeeper;
  readonly #heap: QueuedCall[] = [];
  #sequence = 0;
  #listed = 0;

  constructor(keeper: Timekeeper) {
    this.#keeper = keeper;
  }

  /** The sequence of the call that was registered last. */
  get sequence(): number {
    return this.#sequence;
  }

  /** How many calls wait, without housekeeping. */
  get listed(): number {
    return this.#listed;
  }

  /** The call that is due next, housekeeping or not. */
  get first(): QueuedCall | undefined {
    return this.#heap[0];
  }

  /** The calls that wait, soonest first: the listed ones, or with false those of housekeeping. */
  pending(listed = true): readonly QueuedCall[] {
    return this.#heap.filter((call) => call.listed === listed).toSorted(byTime);
  }

  /** How many calls are due by `time`. Takes as long as there are such. */
  countDue(time: number, from = 0): number {
    const call = this.#heap[from];
    if (call === undefined || call.time > time) return 0;
    return 1 + this.countDue(time, 2 * from + 1) + this.countDue(time, 2 * from + 2);
  }

  /** Registers a call. Without `args` it is one of housekeeping, which does not count as {@link listed}. */
  add<A extends unknown[]>(delayMs: number, call: (...args: A) => void, args?: A): QueuedCall {
    const time = this.#keeper.now() + validDelay(delayMs);
    const queued = new QueuedCall(this, time, ++this.#sequence, call as AnyCall, args);
    if (queued.listed) this.#listed += 1;
    this.#heap.push(queued);
    this.#rise(queued, this.#heap.length - 1);
    this.#keeper.changed();
    return queued;
  }

  /** Takes the first call out, so that its clock can make it. */
  take(): QueuedCall | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.#drop(first);
    return first;
  }

  /** Takes any call out. */
  remove(call: QueuedCall): void {
    this.#drop(call);
    this.#keeper.changed();
  }

  /** Registers a call anew, due `delayMs` from now. */
  move(call: QueuedCall, delayMs: number): void {
    this.#place(call, this.#keeper.now() + delayMs);
  }

  /** Registers a call anew, due `extraMs` after the time at which it was. */
  postpone(call: QueuedCall, extraMs: number): void {
    this.#place(call, call.time + extraMs);
  }

  #place(call: QueuedCall, time: number): void {
    call.time = time;
    call.sequence = ++this.#sequence;
    this.#settle(call, call.index);
    this.#keeper.changed();
  }

  #drop(call: QueuedCall): void {
    const { index } = call;
    const last = this.#heap.pop() as QueuedCall;
    if (last !== call) this.#settle(last, index);
    call.index = OUT;
    if (call.listed) this.#listed -= 1;
  }

  /** Finds the place of a call that belongs at `index` or above or below it. */
  #settle(call: QueuedCall, index: number): void {
    this.#rise(call, index);
    if (call.index === index) this.#sink(call, index);
  }

  #rise(call: QueuedCall, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above] as QueuedCall;
      if (byTime(parent, call) <= 0) break;
      heap[index] = parent;
      parent.index = index;
      index = above;
    }
    heap[index] = call;
    call.index = index;
  }

  #sink(call: QueuedCall, from: number): void {
    const heap = this.#heap;
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const sooner =
        right < heap.length && byTime(heap[right] as QueuedCall, heap[left] as QueuedCall) < 0
          ? right
          : left;
      const child = heap[sooner] as QueuedCall;
      if (byTime(call, child) <= 0) break;
      heap[index] = child;
      child.index = index;
      index = sooner;
    }
    heap[index] = call;
    call.index = index;
  }
}

function byTime(a: QueuedCall, b: QueuedCall): number {
  return a.time - b.time || a.sequence - b.sequence;
}
