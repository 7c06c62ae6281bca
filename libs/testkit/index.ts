export { type FaultPlan, faultyBus } from "./faulty-bus.ts";
export { type NatsServer, startNatsServer } from "./nats-server.ts";
