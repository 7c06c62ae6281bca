import { parentPort, workerData } from "node:worker_threads";

export interface JobMessage {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

export type JobResult =
  | { readonly id: number; readonly value: unknown; readonly runMs: number }
  | { readonly id: number; readonly error: unknown; readonly runMs: number };

export type WorkerMessage = { readonly ready: true } | { readonly failed: unknown } | JobResult;

// biome-ignore lint/suspicious/noExplicitAny: the argument type is the worker module's own business
type Methods = Record<string, (argument: any) => unknown>;

/**
 * Runs in the worker module: `create` gets the executor's `data`, loads the model and returns its methods.
 * A method's result is structured-cloned; return `{ value, transfer }`-free plain data, typed arrays included.
 */
export function serveExecutor<Data>(create: (data: Data) => Promise<Methods> | Methods): void {
  const port = parentPort;
  if (!port) throw new Error("serveExecutor runs in a worker thread only");
  Promise.resolve()
    .then(() => create(workerData as Data))
    .then(
      (methods) => {
        port.on("message", async (job: JobMessage) => {
          const startMs = performance.now();
          try {
            const method = methods[job.method];
            if (!method) throw new Error(`the worker has no method ${job.method}`);
            const value = await method(job.argument);
            port.postMessage({ id: job.id, value, runMs: performance.now() - startMs } satisfies JobResult);
          } catch (error) {
            port.postMessage({ id: job.id, error, runMs: performance.now() - startMs } satisfies JobResult);
          }
        });
        port.postMessage({ ready: true } satisfies WorkerMessage);
      },
      (error) => port.postMessage({ failed: error } satisfies WorkerMessage),
    );
}
