export { readEdge, requestResend, serveResend } from "./adapter/bus-transport.ts";
export { Credit } from "./adapter/credit.ts";
export { EdgeReader } from "./adapter/edge-reader.ts";
export { EdgeWriter } from "./adapter/edge-writer.ts";
export type { InStream } from "./adapter/in-stream.ts";
export { beatIntervalMs, type Replica, type ReplicaDeps, type ReplicaOptions, serveStage } from "./adapter/replica.ts";
export { addStageService, type RpcStageDeps, stageServices } from "./adapter/rpc-service.ts";
export { type BindingDeps, type BindingTransport, StageBinding } from "./adapter/stage-binding.ts";
export {
  type Edge,
  type EdgeBody,
  type EdgeName,
  type EdgePackets,
  edges,
  inputsOf,
  outputsOf,
  type StageName,
  type StreamEdge,
  stageNames,
} from "./edges.ts";
export { type KeyedStageDefinition, keyedStage, type StageCall } from "./keyed-stage.ts";
export { createStageMetrics, type StageMetrics } from "./metrics.ts";
export type { Binding } from "./owner/binding-client.ts";
export { keepLeases, type LeaseEvents } from "./owner/leases.ts";
export { LiveReader, type LiveReaderEvents } from "./owner/live-reader.ts";
export { OwnedSession, type OwnedSessionDeps, type StageSettings } from "./owner/owned-session.ts";
export { createRegistry, type Registry } from "./owner/registry.ts";
export { bodyPtsUs, decodePacket, encodePacket, makePacket, type Packet, readPacket } from "./packet.ts";
export type { Logger, Stage, StageInstance, StageSession } from "./stage.ts";
export { addStageTime, readStageTimes } from "./stage-times.ts";
export { fromStreamError, toStreamError } from "./stream-error.ts";
