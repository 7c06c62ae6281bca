import type { Headers } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import type { StateView } from "@troupe/session";
import type { Clock } from "@troupe/timeline";
import { edges, type StreamEdge } from "../edges.ts";
import type { Packet } from "../packet.ts";
import type { ResendResult } from "./edge-writer.ts";
import { InStream } from "./in-stream.ts";

export interface EdgeReaderDeps<E extends StreamEdge> {
  readonly edge: E;
  readonly clock: Clock;
  readonly state: StateView;
  /** Lowest and highest number that are this reader's. */
  readonly serves: (number: number) => boolean;
  readonly onStream: (stream: InStream<E>) => void;
  /** Asks the writer again; absent where the transport loses nothing. */
  readonly resend?: (number: number, fromSeq: number) => Promise<ResendResult>;
}

const gapPatienceMs = 40;
const silencePatienceMs = 400;
const maxUnanswered = 4;
const keptFinished = 64;

/** Puts the packets of one edge back into streams: in order, each once, asking for what is missing. */
export class EdgeReader<E extends StreamEdge> {
  readonly #deps: EdgeReaderDeps<E>;
  readonly #streams = new Map<number, InStream<E>>();
  readonly #asking = new Set<number>();
  /** Streams up to this number that are not kept are over; a packet sent again must not begin them anew. */
  #forgotten = 0;

  constructor(deps: EdgeReaderDeps<E>) {
    this.#deps = deps;
  }

  accept(packet: Packet<E>, headers: Headers): void {
    const { edge, state, clock } = this.#deps;
    if (!this.#wanted(packet.number) || packet.epoch < state.fence(edges[edge].writer)) return;
    const nowMs = clock.nowMs();
    const stream = this.#streams.get(packet.number) ?? this.#open(packet.number, packet.epoch, nowMs);
    const hadGap = stream.hasGap;
    stream.accept(packet, headers, nowMs);
    if (stream.hasGap && (!hadGap || this.#overdue(stream, nowMs))) this.#ask(stream);
  }

  /** Makes the reader ask for the stream if nothing of it comes by itself. */
  expect(number: number): void {
    if (this.#deps.resend && this.#wanted(number) && !this.#streams.has(number)) this.#open(number, 0, this.#deps.clock.nowMs());
  }

  /** Fails streams that were cancelled or whose writer was fenced off, and asks for what is overdue. Called at every change and every beat. */
  tick(): void {
    const { edge, state, clock } = this.#deps;
    const nowMs = clock.nowMs();
    const fence = state.fence(edges[edge].writer);
    for (const stream of this.#streams.values()) {
      if (stream.finished) continue;
      if (this.#cancelled(stream.number)) stream.fail(new ServiceError("CANCELLED", `response ${stream.number} is cancelled`));
      else if (stream.epoch > 0 && stream.epoch < fence)
        stream.fail(
          new ServiceError("STAGE_LOST", `the ${edges[edge].writer} that wrote this was lost`, { metadata: { stage: edges[edge].writer } }),
        );
      else if (this.#overdue(stream, nowMs)) this.#ask(stream);
    }
    for (const [number, stream] of this.#streams) {
      if (this.#streams.size <= keptFinished) break;
      if (!stream.finished) continue;
      this.#streams.delete(number);
      this.#forgotten = Math.max(this.#forgotten, number);
    }
  }

  close(error: ServiceError): void {
    for (const stream of this.#streams.values()) stream.fail(error);
  }

  #wanted(number: number): boolean {
    if (number <= this.#forgotten && !this.#streams.has(number)) return false;
    return this.#deps.serves(number) && !this.#cancelled(number);
  }

  #cancelled(number: number): boolean {
    return edges[this.#deps.edge].key === "response" && this.#deps.state.isCancelled(number);
  }

  /** Patience begins anew with each question, and grows with those that were asked in vain. */
  #overdue({ gapSinceMs, lastPacketMs, askedMs, unanswered }: InStream<E>, nowMs: number): boolean {
    const patienceMs = gapSinceMs === undefined ? silencePatienceMs : gapPatienceMs;
    return nowMs - Math.max(gapSinceMs ?? lastPacketMs, askedMs) > patienceMs * (1 + Math.min(unanswered, maxUnanswered));
  }

  #open(number: number, epoch: number, nowMs: number): InStream<E> {
    const stream = new InStream(this.#deps.edge, number, epoch, nowMs);
    this.#streams.set(number, stream);
    this.#deps.onStream(stream);
    return stream;
  }

  #ask(stream: InStream<E>): void {
    const { resend, edge, clock } = this.#deps;
    if (!resend || this.#asking.has(stream.number)) return;
    this.#asking.add(stream.number);
    stream.askedMs = clock.nowMs();
    resend(stream.number, stream.nextSeq)
      .then(
        ({ gone }) => {
          stream.unanswered = 0;
          stream.lastPacketMs = clock.nowMs();
          if (gone > 0) stream.fail(new ServiceError("STREAM_GAP", `${gone} packets of ${edge} are lost for good`));
        },
        () => {
          stream.unanswered++;
          // A stream that was only announced may simply not have begun.
          if (stream.epoch > 0 && stream.unanswered >= maxUnanswered)
            stream.fail(
              new ServiceError("END_MISSING", `the writer of ${edge} does not answer`, { metadata: { stage: edges[edge].writer } }),
            );
        },
      )
      .finally(() => this.#asking.delete(stream.number));
  }
}
