export interface RunOptions {
  /** Absolute, on performance.now(); the earliest goes first. A job still waiting then fails with DEADLINE. */
  readonly deadlineMs: number;
  /** Removes a waiting job; a running one finishes and its result is discarded and counted. */
  readonly signal?: AbortSignal;
  /** Waits for all jobs that do not yield, whatever their deadlines, and is the first to go when the queue is full. */
  readonly yields?: boolean;
}

/** What waits for a worker, or is with one. */
export interface Job {
  readonly method: string;
  readonly argument: unknown;
  readonly options: RunOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
}

/** Whether one job goes before another. */
export function precedes(one: Job, other: Job): boolean {
  const [first, second] = [one.options.yields ?? false, other.options.yields ?? false];
  return first === second ? one.options.deadlineMs < other.options.deadlineMs : second;
}

/** Jobs in the order in which they are due. Short: a few hundred at most, so that an array serves. */
export class JobQueue {
  readonly #jobs: Job[] = [];

  get length(): number {
    return this.#jobs.length;
  }

  /** Those that wait, the first due first. */
  get inOrder(): readonly Job[] {
    return this.#jobs;
  }

  add(job: Job): void {
    const at = this.#jobs.findIndex((other) => precedes(job, other));
    this.#jobs.splice(at < 0 ? this.#jobs.length : at, 0, job);
  }

  remove(job: Job): void {
    const index = this.#jobs.indexOf(job);
    if (index >= 0) this.#jobs.splice(index, 1);
  }

  takeFirst(): Job | undefined {
    return this.#jobs.shift();
  }

  /** The last of those that yield, if any. */
  takeLastThatYields(): Job | undefined {
    return this.#jobs.at(-1)?.options.yields ? this.#jobs.pop() : undefined;
  }

  takeAll(): readonly Job[] {
    return this.#jobs.splice(0);
  }
}
