import type { AvFeedbackPacket, SessionContext, StageOpen } from "@troupe/contracts";
import type { StateView } from "@troupe/session";
import type { Clock } from "@troupe/timeline";
import type { EdgeWriter } from "./adapter/edge-writer.ts";
import type { InStream } from "./adapter/in-stream.ts";
import type { StageName, StreamEdge } from "./edges.ts";
import type { StageMetrics } from "./metrics.ts";

/** Structured logging; never given what people say. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One session as a stage sees it. The stage knows no transport. */
export interface StageSession {
  readonly context: SessionContext;
  readonly settings: StageOpen["settings"];
  readonly epoch: number;
  /** Lowest number this binding was opened for. */
  readonly fromNumber: number;
  readonly state: StateView;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
  writer<E extends StreamEdge>(edge: E): EdgeWriter<E>;
}

/** What a stage makes of a session. The adapter calls it; nothing is called after `close`. */
export interface StageInstance {
  /** A stream of one of the stage's input edges begins. */
  onStream(stream: InStream<StreamEdge>): void;
  /** The state changed, or a beat repeated it. */
  onState?(): void;
  onFeedback?(feedback: AvFeedbackPacket): void;
  /** Resolves when nothing it was given is unfinished. */
  idle(): Promise<void>;
  /** Stops work but keeps what can go on; the owner is silent. */
  suspend?(): void;
  close(): Promise<void>;
}

/** A stage: what it is called and how it serves a session. */
export interface Stage {
  readonly name: StageName;
  /** @throws ServiceError INVALID_REQUEST for settings it cannot serve */
  open(session: StageSession): StageInstance | Promise<StageInstance>;
}
