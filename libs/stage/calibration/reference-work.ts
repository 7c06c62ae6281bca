import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SessionContextSchema, StageOpen } from "@troupe/contracts";
import type { OwnerState } from "@troupe/session";
import type { Clock } from "@troupe/timeline";
import type { EdgeBody, StreamEdge } from "../edges.ts";
import type { Stage } from "../stage.ts";

/** What one session asks of a stage while it is busy, and by when. Capacity is counted in sessions that do this all at once. */
export interface ReferenceWork {
  /** What is done, with every setting of the process that its time depends on: capacities of different ids are not compared. */
  readonly id: string;
  /** Where the stage to be measured is not the one that serves: one with metrics of its own. */
  readonly stage?: Stage;
  readonly context?: MessageInitShape<typeof SessionContextSchema>;
  readonly settings: StageOpen["settings"];
  /** Over which the starts of the sessions are spread. */
  readonly spreadMs: number;
  /** How long the work of one session lasts where everything is in time. */
  readonly durationMs: number;
  /** What has a deadline, and how often in the work of one session. */
  readonly deadlines: Readonly<Record<string, number>>;
  /** Does it once. What it throws is work that was not done: its deadlines count as missed. */
  run(session: ReferenceSession): Promise<void>;
}

export interface OutputBody<E extends StreamEdge> {
  readonly body: EdgeBody<E>;
  /** When the stage wrote it, on the clock. */
  readonly atMs: number;
}

/** A session in this process: packets in, packets out, no transport between. */
export interface ReferenceSession {
  /** From 0; sessions may differ by it, as in their language. */
  readonly index: number;
  readonly clock: Clock;
  /** Aborted when the result is known, or the time is over. */
  readonly signal: AbortSignal;
  /** The session's owner; what it decides reaches the stage at once. */
  readonly owner: OwnerState;
  /** Number of the streams of the edges `av` and `presented`. */
  readonly epoch: number;
  send<E extends StreamEdge>(edge: E, number: number, ...bodies: readonly EdgeBody<E>[]): void;
  end(edge: StreamEdge, number: number): void;
  /**
   * What the stage writes of a stream from now on; other streams are dropped.
   * @throws ServiceError the stream's, while iterating; the signal's reason
   */
  read<E extends StreamEdge>(edge: E, number: number): AsyncIterable<OutputBody<E>>;
  /** @param lateMs after its deadline; negative: before */
  report(deadline: string, lateMs: number): void;
}
