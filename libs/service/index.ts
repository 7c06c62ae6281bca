export { defaultReplica, type PlatformConfig, platformConfig, readConfig } from "./config.ts";
export { createLogger, logThrown } from "./logger.ts";
export { type MetricsServer, startMetricsServer } from "./metrics-server.ts";
export { runProgram } from "./run-program.ts";
export { onShutdown } from "./shutdown.ts";
export { runStageService, type ServiceDeps, type StageService, type StageServiceFactory } from "./stage-service.ts";
export { toolPath } from "./tool-path.ts";
export { startTracing, type Tracing } from "./tracing.ts";
