export { BoundedQueue, type Overflow } from "./bounded-queue.ts";
export type { Bus, BusMessage, Headers, PublishOptions, RequestOptions, SubscribeOptions, Subscription, SubscriptionStats } from "./bus.ts";
export type { KeyValueEntry, KeyValueOptions, KeyValueStore } from "./key-value.ts";
export { createMemoryBroker, type MemoryBroker } from "./memory-bus.ts";
export { connectNats, type NatsOptions } from "./nats-bus.ts";
export { type ServeOptions, serve } from "./serve.ts";
export { edgeSubject, infrastructureSubject, type SessionAddress, validateToken } from "./subjects.ts";
export { extractContext, traceHeaders } from "./trace-context.ts";
