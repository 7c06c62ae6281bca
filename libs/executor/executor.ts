import { Worker } from "node:worker_threads";
import { ServiceError } from "@troupe/errors";
import { gatherBatch } from "./gather-batch.ts";
import { type Job, JobQueue, type RunOptions } from "./job-queue.ts";
import { createRunTimes } from "./run-times.ts";
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
  /**
   * Methods that take several jobs in a run, and how many at most: in the worker they are given an array of arguments and return an
   * array of as many results. Jobs that wait are put together; nobody waits for company.
   */
  readonly batches?: Readonly<Record<string, number>>;
  /** How long closing waits for runs to end before their workers are ended amid them. Default 10,000. */
  readonly drainMs?: number;
  /** Called once, when a worker has crashed so often that it is not started again; every run is refused from then on. */
  readonly onFailure?: (error: ServiceError) => void;
}

export interface ExecutorStats {
  readonly waiting: number;
  readonly running: number;
  readonly completed: number;
  /** Runs whose caller had cancelled, and the time they cost. */
  readonly discarded: number;
  readonly discardedMs: number;
  readonly missedDeadlines: number;
  /** Yielding jobs that a full queue let go for others. */
  readonly shed: number;
  /** Runs of more than one job. */
  readonly batches: number;
  /** Workers started again after a crash. */
  readonly restarts: number;
  /** Device time so far, all runs. */
  readonly busyMs: number;
}

/** Closing it rejects all callers with CANCELLED at once, and resolves when the runs and then the workers have ended. */
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

interface Lane {
  worker: Worker;
  /** What it runs: nothing, a job or a batch. */
  jobs: readonly Job[];
  ready: boolean;
  /** When it crashed, on performance.now(). */
  crashesMs: number[];
}

/** A worker that crashes is started again, but not more often than this within a minute: its input or its model is at fault then. */
const crashesPerMinute = 3;

/** Runs inference in worker threads, earliest deadline first, so that the event loop stays free. */
export function createExecutor<Api extends object = Methods>(options: ExecutorOptions): Executor<Api> {
  const queue = new JobQueue();
  const queueLimit = options.queueLimit ?? 256;
  const times = createRunTimes();
  const count = { completed: 0, discarded: 0, discardedMs: 0, missedDeadlines: 0, shed: 0, batches: 0, busyMs: 0, restarts: 0 };
  let nextId = 1;
  let closed = false;
  let closing: Promise<void> | undefined;
  let failure: ServiceError | undefined;

  const lanes: Lane[] = [];
  const starts: Promise<void>[] = [];
  for (let index = 0; index < (options.threads ?? 1); index++) {
    const lane: Lane = { worker: openWorker(), jobs: [], ready: false, crashesMs: [] };
    lanes.push(lane);
    starts.push(start(lane));
  }
  const allReady = Promise.all(starts).then(() => undefined);
  allReady.catch(() => undefined);

  function openWorker(): Worker {
    // ONNX Runtime tells its maker about models and machines unless the process, not only the thread, has this before it loads.
    process.env["ORT_DISABLE_TELEMETRY"] = "1";
    return new Worker(options.module, { workerData: options.data });
  }

  function failForGood(error: ServiceError): void {
    failure ??= error;
    for (const job of queue.takeAll()) job.reject(error);
  }

  /** Only the job that ran is lost; those that wait are done when the worker is back, or fail by their deadlines. */
  function crashed(lane: Lane, error: ServiceError): void {
    lane.ready = false;
    for (const job of lane.jobs) job.reject(error);
    lane.jobs = [];
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
    const { jobs } = lane;
    lane.jobs = [];
    count.completed += jobs.length;
    count.busyMs += runMs;
    if (jobs.length > 1) count.batches++;
    const [first] = jobs;
    if (first) times.record(first.method, jobs.length, runMs);
    for (const [index, job] of jobs.entries()) {
      if (job.settled) {
        count.discarded++;
        count.discardedMs += runMs / jobs.length;
      } else if ("error" in result) job.reject(result.error);
      else job.resolve(isBatched(job) ? (result.value as readonly unknown[])[index] : result.value);
    }
  }

  function isBatched(job: Job): boolean {
    return options.batches?.[job.method] !== undefined;
  }

  function pump(): void {
    for (const lane of lanes) {
      if (!lane.ready || lane.jobs.length > 0) continue;
      const job = takeNext();
      if (!job) return;
      const maxBatch = options.batches?.[job.method];
      lane.jobs = maxBatch === undefined ? [job] : gatherBatch(queue, job, maxBatch, times, performance.now());
      const argument = maxBatch === undefined ? job.argument : lane.jobs.map((member) => member.argument);
      lane.worker.postMessage({ id: nextId++, method: job.method, argument } satisfies JobMessage);
    }
  }

  function takeNext(): Job | undefined {
    for (let job = queue.takeFirst(); job; job = queue.takeFirst()) {
      if (job.settled) continue;
      if (performance.now() <= job.options.deadlineMs) return job;
      count.missedDeadlines++;
      job.reject(new ServiceError("DEADLINE", `${job.method} could not start in time`));
    }
    return undefined;
  }

  /** Makes room for one more. */
  function shed(runOptions: RunOptions): boolean {
    if (queue.length < queueLimit) return true;
    const victim = runOptions.yields ? undefined : queue.takeLastThatYields();
    if (!victim) return false;
    count.shed++;
    victim.reject(queueFull());
    return true;
  }

  /** A worker that is ended amid a run of ONNX Runtime may take the process with it. */
  async function close(): Promise<void> {
    closed = true;
    for (const job of [...queue.takeAll(), ...lanes.flatMap((lane) => lane.jobs)])
      job.reject(new ServiceError("CANCELLED", "the executor is closed"));
    await Promise.all(lanes.map((lane) => idle(lane, options.drainMs ?? 10_000)));
    await Promise.all(lanes.map((lane) => lane.worker.terminate()));
  }

  const queueFull = () => new ServiceError("QUEUE_FULL", `${queue.length} jobs wait already`, { retryAfterMs: 1000 });

  return {
    ready: () => allReady,
    run(method, argument, runOptions) {
      return new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        if (closed) return reject(new ServiceError("CANCELLED", "the executor is closed"));
        if (runOptions.signal?.aborted) return reject(ServiceError.from(runOptions.signal.reason));
        if (!shed(runOptions)) return reject(queueFull());
        const onAbort = () => {
          job.reject(ServiceError.from(runOptions.signal?.reason));
          queue.remove(job);
        };
        const settle = (complete: () => void) => {
          if (job.settled) return;
          job.settled = true;
          runOptions.signal?.removeEventListener("abort", onAbort);
          complete();
        };
        const job: Job = {
          method,
          argument,
          options: runOptions,
          resolve: (value) => settle(() => resolve(value as never)),
          reject: (error) => settle(() => reject(error)),
          settled: false,
        };
        runOptions.signal?.addEventListener("abort", onAbort, { once: true });
        queue.add(job);
        pump();
      });
    },
    stats: () => ({ ...count, waiting: queue.length, running: lanes.reduce((sum, lane) => sum + lane.jobs.length, 0) }),
    async [Symbol.asyncDispose]() {
      closing ??= close();
      await closing;
    },
  };
}

/** Resolves when what the lane runs has ended, or after the limit. */
function idle({ worker, jobs }: Lane, limitMs: number): Promise<void> {
  if (jobs.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    const over = () => {
      clearTimeout(timer);
      resolve();
    };
    // A worker that runs something has loaded: its next message is the result.
    worker.once("message", over).once("exit", over);
  });
}
