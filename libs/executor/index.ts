export { createExecutor, type Executor, type ExecutorOptions, type ExecutorStats } from "./executor.ts";
export type { RunOptions } from "./job-queue.ts";
export { serveExecutor } from "./worker.ts";
