import type { Headers } from "@troupe/bus";
import type { ResendRequest, StreamEnd } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { StateView } from "@troupe/session";
import { type EdgeBody, edges, type StreamEdge } from "../edges.ts";
import { bodyPtsUs, type Packet } from "../packet.ts";
import type { Credit } from "./credit.ts";

export interface EdgeWriterDeps<E extends StreamEdge> {
  readonly edge: E;
  readonly epoch: number;
  readonly state: StateView;
  readonly credit?: Credit;
  readonly send: (packet: Packet<E>, headers: Headers | undefined) => void;
}

interface Sent<E extends StreamEdge> {
  readonly packet: Packet<E>;
  readonly headers: Headers | undefined;
}

export interface ResendResult {
  /** Packets sent again. */
  readonly resent: number;
  /** Packets asked for that have left the window. */
  readonly gone: number;
}

/** The last packets of a stream; the first one's seq is `firstSeq`. */
interface Window<E extends StreamEdge> {
  firstSeq: number;
  nextSeq: number;
  ended: boolean;
  readonly sent: Sent<E>[];
}

/** Streams that are over and whose packets can still be asked for again. */
const keptStreams = 8;

/** Writes the numbered streams of one edge under one binding, and sends packets again when a reader asks. */
export class EdgeWriter<E extends StreamEdge> {
  readonly #deps: EdgeWriterDeps<E>;
  readonly #windows = new Map<number, Window<E>>();

  constructor(deps: EdgeWriterDeps<E>) {
    this.#deps = deps;
  }

  /**
   * Sends one body once the edge's credit allows it.
   * @throws ServiceError CANCELLED once the response is cancelled: nothing of it leaves after that
   */
  async write(number: number, body: EdgeBody<E>, signal: AbortSignal, headers?: Headers): Promise<void> {
    const { edge, credit } = this.#deps;
    const leadUs = edges[edge].leadUs;
    const ptsUs = leadUs === undefined ? undefined : bodyPtsUs(body);
    if (credit && leadUs !== undefined && ptsUs !== undefined) await credit.wait(number, ptsUs - leadUs, signal);
    this.#send(number, body, headers);
  }

  /** Sends one body at once, for edges without credit. */
  writeNow(number: number, body: EdgeBody<E>, headers?: Headers): void {
    this.#send(number, body, headers);
  }

  end(number: number, end: Omit<StreamEnd, "$typeName" | "count">): void {
    const count = this.#windows.get(number)?.nextSeq ?? 0;
    this.#send(number, { case: "end", value: { $typeName: "troupe.session.v1.StreamEnd", count, ...end } }, undefined);
    const window = this.#windows.get(number);
    if (window) window.ended = true;
  }

  /** Whether nothing of the stream may leave any more. */
  isCancelled(number: number): boolean {
    return edges[this.#deps.edge].key === "response" && this.#deps.state.isCancelled(number);
  }

  /** Undefined when the stream is unknown here: a moving session has two writers, and only one of them knows it. */
  resend(request: ResendRequest): ResendResult | undefined {
    const window = this.#windows.get(request.number);
    if (!window) return undefined;
    if (this.isCancelled(request.number)) return { resent: 0, gone: 0 };
    const gone = Math.max(0, window.firstSeq - request.fromSeq);
    const again = window.sent.slice(Math.max(0, request.fromSeq - window.firstSeq));
    for (const { packet, headers } of again) this.#deps.send(packet, headers);
    return { resent: again.length, gone };
  }

  #send(number: number, body: Packet<E>["body"], headers: Headers | undefined): void {
    const { edge, epoch } = this.#deps;
    if (this.isCancelled(number)) throw new ServiceError("CANCELLED", `response ${number} is cancelled`);
    const window = this.#windows.get(number) ?? this.#begin(number);
    const packet: Packet<E> = { epoch, number, seq: window.nextSeq++, body };
    window.sent.push({ packet, headers });
    if (window.sent.length > edges[edge].windowPackets) {
      window.sent.shift();
      window.firstSeq++;
    }
    this.#deps.send(packet, headers);
  }

  #begin(number: number): Window<E> {
    const over = [...this.#windows].filter(([old, { ended }]) => ended || this.isCancelled(old));
    for (const [old] of over.slice(0, Math.max(0, over.length - keptStreams + 1))) this.#windows.delete(old);
    const window: Window<E> = { firstSeq: 0, nextSeq: 0, ended: false, sent: [] };
    this.#windows.set(number, window);
    return window;
  }
}
