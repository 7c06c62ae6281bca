export { type FaultPlan, faultyBus } from "./faulty-bus.ts";
export { createManualClock, type ManualClock } from "./manual-clock.ts";
export { type MemoryStage, type MemoryStageOptions, openMemoryStage } from "./memory-stage.ts";
export { type NatsServer, type NatsServerOptions, startNatsServer } from "./nats-server.ts";
export { until } from "./until.ts";
