import { type Transferable, Worker } from "node:worker_threads";
import { ServiceError } from "@troupe/errors";
import type { JobMessage, WorkerMessage } from "./worker.ts";

// biome-ignore lint/suspicious/noExplicitAny: the methods' argument types are checked at the call
type Methods = Record<string, (argument: any) => unknown>;

export interface ExecutorOptions {
  /** The module that calls serveExecutor, as `new URL("./x.worker.ts", import.meta.url)`. */
  readonly module: URL;
  /** Structured-cloned to every worker. */
  readonly data?: unknown;
  /** Worker threads; each loads the model once. Default 1. */
  readonly threads?: number;
  /** Jobs that may wait; one more is refused with QUEUE_FULL. Default 256. */
  readonly queueLimit?: number;
  /** Called once, when a worker has crashed so often that it is not started again; every run is refused from then on. */
  readonly onFailure?: (error: ServiceError) => void;
}

export interface RunOptions {
  /** Absolute, on performance.now(); the earliest goes first. A job still waiting then fails with DEADLINE. */
  readonly deadlineMs: number;
  /** Removes a waiting job; a running one finishes and its result is discarded and counted. */
  readonly signal?: AbortSignal;
  readonly transfer?: readonly Transferable[];
}

export interface ExecutorStats {
  readonly waiting: number;
  readonly running: number;
  readonly completed: number;
  /** Runs whose caller had cancelled, and the time they cost. */
  readonly discarded: number;
  readonly discardedMs: number;
  readonly missedDeadlines: number;
  /** Workers started again after a crash. */
  readonly restarts: number;
  /** Device time so far, all runs. */
  readonly busyMs: number;
}

export interface Executor<Api extends object> extends AsyncDisposable {
  /** Resolves when every worker has loaded its model; rejects with the load's error. */
  ready(): Promise<void>;
  run<Name extends keyof Api & string>(
    method: Name,
    argument: Api[Name] extends (argument: infer Argument) => unknown ? Argument : never,
    options: RunOptions,
  ): Promise<Api[Name] extends (argument: never) => infer Result ? Awaited<Result> : never>;
  stats(): ExecutorStats;
}

interface Job {
  readonly message: JobMessage;
  readonly options: RunOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
}

interface Lane {
  worker: Worker;
  job: Job | undefined;
  ready: boolean;
  /** When it crashed, on performance.now(). */
  crashesMs: number[];
}

/** A worker that crashes is started again, but not more often than this within a minute: its input or its model is at fault then. */
const crashesPerMinute = 3;

/** Runs inference in worker threads, earliest deadline first, so that the event loop stays free. */
export function createExecutor<Api extends object = Methods>(options: ExecutorOptions): Executor<Api> {
  const queue: Job[] = [];
  const queueLimit = options.queueLimit ?? 256;
  const count = { completed: 0, discarded: 0, discardedMs: 0, missedDeadlines: 0, busyMs: 0, restarts: 0 };
  let nextId = 1;
  let closed = false;
  let failure: ServiceError | undefined;

  const lanes: Lane[] = [];
  const starts: Promise<void>[] = [];
  for (let index = 0; index < (options.threads ?? 1); index++) {
    const lane: Lane = { worker: openWorker(), job: undefined, ready: false, crashesMs: [] };
    lanes.push(lane);
    starts.push(start(lane));
  }
  const allReady = Promise.all(starts).then(() => undefined);
  allReady.catch(() => undefined);

  function openWorker(): Worker {
    return new Worker(options.module, { workerData: options.data });
  }

  function failForGood(error: ServiceError): void {
    failure ??= error;
    for (const job of queue.splice(0)) job.reject(error);
  }

  /** Only the job that ran is lost; those that wait are done when the worker is back, or fail by their deadlines. */
  function crashed(lane: Lane, error: ServiceError): void {
    lane.ready = false;
    lane.job?.reject(error);
    lane.job = undefined;
    const nowMs = performance.now();
    lane.crashesMs = [...lane.crashesMs.filter((crashMs) => nowMs - crashMs < 60_000), nowMs];
    if (lane.crashesMs.length <= crashesPerMinute) {
      count.restarts++;
      lane.worker = openWorker();
      start(lane).catch(() => options.onFailure?.(error));
    } else if (!failure) {
      failForGood(error);
      options.onFailure?.(error);
    }
  }

  function start(lane: Lane): Promise<void> {
    const { worker } = lane;
    return new Promise((resolve, reject) => {
      let over = false;
      const fail = (error: ServiceError) => {
        if (over || closed) return;
        over = true;
        if (lane.ready) return crashed(lane, error);
        failForGood(error);
        reject(error);
      };
      worker.on("message", (message: WorkerMessage) => {
        if ("ready" in message) {
          lane.ready = true;
          resolve();
        } else if ("failed" in message) {
          fail(ServiceError.from(message.failed));
        } else {
          finish(lane, message.runMs, message);
        }
        pump();
      });
      worker.on("error", (error) => fail(new ServiceError("BACKEND_FAILED", "an inference worker crashed", { cause: error })));
      worker.on("exit", () => fail(new ServiceError("BACKEND_FAILED", "an inference worker ended")));
    });
  }

  function finish(lane: Lane, runMs: number, result: { readonly value?: unknown; readonly error?: unknown }): void {
    const job = lane.job;
    lane.job = undefined;
    count.completed++;
    count.busyMs += runMs;
    if (!job) return;
    if (job.settled) {
      count.discarded++;
      count.discardedMs += runMs;
    } else if ("error" in result) {
      job.reject(result.error);
    } else {
      job.resolve(result.value);
    }
  }

  function pump(): void {
    for (const lane of lanes) {
      if (!lane.ready || lane.job) continue;
      const job = takeEarliest();
      if (!job) return;
      lane.job = job;
      lane.worker.postMessage(job.message, job.options.transfer as Transferable[] | undefined);
    }
  }

  function takeEarliest(): Job | undefined {
    for (;;) {
      let best = -1;
      for (let index = 0; index < queue.length; index++) {
        const candidate = queue[index] as Job;
        if (best < 0 || candidate.options.deadlineMs < (queue[best] as Job).options.deadlineMs) best = index;
      }
      if (best < 0) return undefined;
      const [job] = queue.splice(best, 1) as [Job];
      if (job.settled) continue;
      if (performance.now() <= job.options.deadlineMs) return job;
      count.missedDeadlines++;
      job.reject(new ServiceError("DEADLINE", `${job.message.method} could not start in time`));
    }
  }

  return {
    ready: () => allReady,
    run(method, argument, runOptions) {
      return new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        if (closed) return reject(new ServiceError("CANCELLED", "the executor is closed"));
        if (runOptions.signal?.aborted) return reject(ServiceError.from(runOptions.signal.reason));
        if (queue.length >= queueLimit)
          return reject(new ServiceError("QUEUE_FULL", `${queue.length} jobs wait already`, { retryAfterMs: 1000 }));
        const onAbort = () => {
          job.reject(ServiceError.from(runOptions.signal?.reason));
          const index = queue.indexOf(job);
          if (index >= 0) queue.splice(index, 1);
        };
        const settle = (complete: () => void) => {
          if (job.settled) return;
          job.settled = true;
          runOptions.signal?.removeEventListener("abort", onAbort);
          complete();
        };
        const job: Job = {
          message: { id: nextId++, method, argument },
          options: runOptions,
          resolve: (value) => settle(() => resolve(value as never)),
          reject: (error) => settle(() => reject(error)),
          settled: false,
        };
        runOptions.signal?.addEventListener("abort", onAbort, { once: true });
        queue.push(job);
        pump();
      });
    },
    stats: () => ({ ...count, waiting: queue.length, running: lanes.filter((lane) => lane.job).length }),
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const job of [...queue.splice(0), ...lanes.map((lane) => lane.job)])
        job?.reject(new ServiceError("CANCELLED", "the executor is closed"));
      await Promise.all(lanes.map((lane) => lane.worker.terminate()));
    },
  };
}
