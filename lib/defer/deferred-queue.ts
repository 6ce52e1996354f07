import { Deferred } from "./deferred.ts";

/** The bounds of a {@link DeferredQueue}. What is absent has none. */
export interface DeferredQueueOptions {
  /** How many objects may lie in it. */
  readonly size?: number;
  /** How many may wait for one. */
  readonly backlog?: number;
}

/** An object was put into a queue that is full. Twisted's. */
export class QueueOverflow extends Error {
  override readonly name: string = "QueueOverflow";

  constructor(size: number) {
    super(`the queue has taken the ${size} objects that it may`);
  }
}

/** One more wanted to wait for a queue than may. Twisted's. */
export class QueueUnderflow extends Error {
  override readonly name: string = "QueueUnderflow";

  constructor(backlog: number) {
    super(`for the queue wait the ${backlog} that may`);
  }
}

/** Hands objects on from those who have them to those who want them, each in the order in which they came. Twisted's. */
export class DeferredQueue<T> {
  readonly #size: number;
  readonly #backlog: number;
  readonly #objects: T[] = [];
  readonly #waiting = new Set<Deferred<T>>();

  constructor({ size = Infinity, backlog = Infinity }: DeferredQueueOptions = {}) {
    this.#size = size;
    this.#backlog = backlog;
  }

  /** The objects that nobody has got yet, oldest first. A copy. */
  get pending(): readonly T[] {
    return [...this.#objects];
  }

  /** How many wait for an object. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Gives an object to the one who has waited longest, synchronously, or keeps it. Throws {@link QueueOverflow} when it is full. */
  put(object: T): void {
    const [first] = this.#waiting;
    if (first !== undefined) {
      this.#waiting.delete(first);
      first.callback(object);
    } else if (this.#objects.length < this.#size) {
      this.#objects.push(object);
    } else {
      throw new QueueOverflow(this.#size);
    }
  }

  /**
   * Fires with the oldest object, at once when there is one. Who waits may cancel.
   *
   * Throws {@link QueueUnderflow}, at once, when too many wait.
   */
  get(): Deferred<T> {
    if (this.#objects.length > 0) return Deferred.succeed(this.#objects.shift() as T);
    if (this.#waiting.size >= this.#backlog) throw new QueueUnderflow(this.#backlog);
    const deferred = new Deferred<T>(() => this.#waiting.delete(deferred));
    this.#waiting.add(deferred);
    return deferred;
  }
}
