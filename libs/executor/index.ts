export { createExecutor, type Executor, type ExecutorOptions, type ExecutorStats, type RunOptions } from "./executor.ts";
export { serveExecutor } from "./worker.ts";
