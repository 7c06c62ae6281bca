import { BoundedQueue, type Headers } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { type EdgeBody, edges, type StreamEdge } from "../edges.ts";
import type { Packet } from "../packet.ts";
import { fromStreamError } from "../stream-error.ts";

/**
 * One numbered stream as its reader sees it: bodies in order, each once, up to the end.
 * Iterating throws the writer's error, after what came before it, if the stream ended early; STREAM_GAP, END_MISSING and CANCELLED
 * are thrown at once.
 */
export class InStream<E extends StreamEdge> implements AsyncIterable<EdgeBody<E>> {
  readonly edge: E;
  readonly number: number;
  /** Headers of its first packet; trace context travels there. */
  headers: Headers = {};
  /** Of its writer; 0 until its first packet. A stream has one writer: what another sends under its number is dropped. */
  epoch: number;
  nextSeq = 0;
  /** When the last packet came, and how often the writer was asked in vain since. */
  lastPacketMs: number;
  unanswered = 0;
  /** When the writer was last asked. */
  askedMs = Number.NEGATIVE_INFINITY;
  /** Set while a gap is open. */
  gapSinceMs: number | undefined;
  #finished = false;
  #error: ServiceError | undefined;
  readonly #ahead = new Map<number, Packet<E>>();
  readonly #bodies: BoundedQueue<EdgeBody<E>>;

  constructor(edge: E, number: number, epoch: number, nowMs: number) {
    this.edge = edge;
    this.number = number;
    this.epoch = epoch;
    this.lastPacketMs = nowMs;
    this.#bodies = new BoundedQueue(edges[edge].windowPackets * 2, "fail");
  }

  /** Whether nothing more can come. */
  get finished(): boolean {
    return this.#finished;
  }

  get hasGap(): boolean {
    return this.#ahead.size > 0 && !this.#finished;
  }

  accept(packet: Packet<E>, headers: Headers, nowMs: number): void {
    if (this.epoch === 0) this.epoch = packet.epoch;
    if (this.#finished || packet.epoch !== this.epoch) return;
    this.lastPacketMs = nowMs;
    this.unanswered = 0;
    if (packet.seq < this.nextSeq) return;
    if (packet.seq === 0) this.headers = headers;
    this.#ahead.set(packet.seq, packet);
    if (this.#ahead.size > edges[this.edge].windowPackets)
      return this.fail(new ServiceError("STREAM_GAP", `a gap on ${this.edge} did not close`));
    for (let next = this.#ahead.get(this.nextSeq); next; next = this.#ahead.get(this.nextSeq)) {
      this.#ahead.delete(this.nextSeq);
      this.#take(next);
    }
    this.gapSinceMs = this.hasGap ? (this.gapSinceMs ?? nowMs) : undefined;
  }

  fail(error: ServiceError): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#ahead.clear();
    this.#bodies.fail(error);
  }

  [Symbol.asyncIterator](): AsyncIterator<EdgeBody<E>> {
    const bodies = this.#bodies[Symbol.asyncIterator]();
    return {
      next: async () => {
        const next = await bodies.next();
        if (next.done && this.#error) throw this.#error;
        return next;
      },
      return: async () => (await bodies.return?.()) ?? { value: undefined, done: true },
    };
  }

  #take(packet: Packet<E>): void {
    const { body } = packet;
    if (body.case !== "end") {
      this.nextSeq++;
      this.#bodies.push(body as EdgeBody<E>);
      return;
    }
    const { count, error } = body.value as { count: number; error?: Parameters<typeof fromStreamError>[0] };
    if (error) this.#error = fromStreamError(error);
    if (count !== this.nextSeq)
      return this.fail(new ServiceError("STREAM_GAP", `${this.edge} ended after ${count} packets, ${this.nextSeq} came`));
    this.nextSeq++;
    this.#finished = true;
    this.#bodies.end();
  }
}
