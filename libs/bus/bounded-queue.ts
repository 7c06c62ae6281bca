import { ServiceError } from "@troupe/errors";

/** What a full queue does with one more: forgets its oldest, refuses the new one, or fails its reader. */
export type Overflow = "drop-oldest" | "drop-newest" | "fail";

/** A queue for one reader that never grows over its limit and counts what it dropped. */
export class BoundedQueue<T> implements AsyncIterable<T> {
  readonly limit: number;
  readonly overflow: Overflow;
  delivered = 0;
  dropped = 0;
  #items: T[] = [];
  #waiting: PromiseWithResolvers<IteratorResult<T>> | undefined;
  #ended = false;
  #failure: unknown;

  constructor(limit: number, overflow: Overflow) {
    this.limit = limit;
    this.overflow = overflow;
  }

  get size(): number {
    return this.#items.length;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(item: T): void {
    if (this.#ended) return;
    if (this.#waiting) {
      this.delivered++;
      this.#waiting.resolve({ value: item, done: false });
      this.#waiting = undefined;
      return;
    }
    if (this.#items.length >= this.limit) {
      this.dropped++;
      if (this.overflow === "fail") return this.fail(new ServiceError("QUEUE_FULL", `the reader is ${this.limit} messages behind`));
      if (this.overflow === "drop-newest") return;
      this.#items.shift();
    }
    this.#items.push(item);
  }

  /** The reader gets what is queued, then the end. */
  end(): void {
    this.#ended = true;
    this.#waiting?.resolve({ value: undefined, done: true });
    this.#waiting = undefined;
  }

  /** The reader gets the failure at once. */
  fail(failure: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#items = [];
    this.#waiting?.reject(failure);
    this.#waiting = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: () => {
        const item = this.#items.shift();
        if (item !== undefined) {
          this.delivered++;
          return Promise.resolve({ value: item, done: false });
        }
        if (this.#failure !== undefined) return Promise.reject(this.#failure);
        if (this.#ended) return Promise.resolve({ value: undefined, done: true });
        this.#waiting = Promise.withResolvers();
        return this.#waiting.promise;
      },
      return: () => {
        this.#items = [];
        this.end();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }
}
