import type { Headers } from "@troupe/bus";
import type { AvFeedbackPacket, PresentedPacket, ResendRequest, SessionState, StageOpen } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { StateView } from "@troupe/session";
import type { Clock } from "@troupe/timeline";
import { type Edge, edges, inputsOf, outputsOf, type StreamEdge } from "../edges.ts";
import type { StageMetrics } from "../metrics.ts";
import type { Packet } from "../packet.ts";
import type { Logger, Stage, StageInstance, StageSession } from "../stage.ts";
import { Credit } from "./credit.ts";
import { EdgeReader } from "./edge-reader.ts";
import { EdgeWriter, type ResendResult } from "./edge-writer.ts";
import type { InStream } from "./in-stream.ts";

export interface BindingTransport {
  send<E extends StreamEdge>(edge: E, packet: Packet<E>, headers: Headers | undefined): void;
  /** Absent where the transport loses nothing. */
  resend?(edge: StreamEdge, number: number, fromSeq: number): Promise<ResendResult>;
  /** Whether the peer reports positions, so that credit applies. */
  readonly credit: boolean;
}

export interface BindingDeps {
  readonly stage: Stage;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
  readonly transport: BindingTransport;
}

/** One session at one stage, whatever it is reached by: readers, writers, state, credit and the stage's own instance. */
export class StageBinding {
  readonly open: StageOpen;
  readonly state: StateView;
  readonly #deps: BindingDeps;
  readonly #readers = new Map<StreamEdge, EdgeReader<StreamEdge>>();
  readonly #writers = new Map<StreamEdge, EdgeWriter<StreamEdge>>();
  readonly #credit = new Credit();
  #instance: StageInstance | undefined;
  #closed = false;

  private constructor(open: StageOpen, deps: BindingDeps) {
    this.open = open;
    this.state = new StateView(open.state);
    this.#deps = deps;
  }

  /** @throws ServiceError what the stage refuses the settings with */
  static async create(open: StageOpen, deps: BindingDeps): Promise<StageBinding> {
    const context = open.context;
    if (!context) throw new ServiceError("INVALID_REQUEST", "open has no context");
    const binding = new StageBinding(open, deps);
    binding.#connectEdges();
    const session: StageSession = {
      context,
      settings: open.settings,
      epoch: open.epoch,
      fromNumber: open.fromNumber,
      state: binding.state,
      clock: deps.clock,
      logger: deps.logger,
      metrics: deps.metrics,
      writer: (edge) => {
        const writer = binding.#writers.get(edge);
        if (!writer) throw new ServiceError("INTERNAL", `${deps.stage.name} does not write ${edge}`);
        return writer as never;
      },
    };
    binding.#instance = await deps.stage.open(session);
    // What was begun before it opened may have been sent to nobody.
    binding.#expect({ utterance: open.fromNumber - 1, response: open.fromNumber - 1, session: 0, none: 0 });
    return binding;
  }

  accept<E extends StreamEdge>(edge: E, packet: Packet<E>, headers: Headers): void {
    if (!this.#closed) this.#readers.get(edge)?.accept(packet as Packet<StreamEdge>, headers);
  }

  merge(state: SessionState): void {
    if (this.#closed) return;
    const known = edgeNumbers(this.state);
    this.state.merge(state);
    this.#expect(known);
    this.tick();
    this.#instance?.onState?.();
  }

  /** Nothing more can come: what has not ended never will. */
  endInputs(): void {
    const error = new ServiceError("END_MISSING", "the caller ended its side within a stream");
    for (const reader of this.#readers.values()) reader.close(error);
  }

  /** Looks for what is overdue; called a few times a second. */
  tick(): void {
    for (const reader of this.#readers.values()) reader.tick();
  }

  feedback(feedback: AvFeedbackPacket): void {
    if (!this.#closed) this.#instance?.onFeedback?.(feedback);
  }

  presented(packet: PresentedPacket): void {
    const { body } = packet;
    if (body.case === "position") this.#credit.advance(body.value.response, Number(body.value.responsePtsUs));
    if (body.case === "finished") this.#credit.advance(body.value.response, Number.POSITIVE_INFINITY);
  }

  /** Sends packets again; undefined when the stream is none of this binding's. */
  resend(edge: StreamEdge, request: ResendRequest): ResendResult | undefined {
    const result = this.#writers.get(edge)?.resend(request);
    if (result) this.#deps.metrics.resends.inc({ edge }, result.resent);
    return result;
  }

  async idle(): Promise<void> {
    await this.#instance?.idle();
  }

  suspend(): void {
    this.#instance?.suspend?.();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const error = new ServiceError("CANCELLED", "the session is closed");
    for (const reader of this.#readers.values()) reader.close(error);
    await this.#instance?.close();
  }

  /** So that a stream that was lost whole is asked for. */
  #expect(known: EdgeNumbers): void {
    const begun = edgeNumbers(this.state);
    for (const [edge, reader] of this.#readers) {
      const { key } = edges[edge];
      for (let number = known[key] + 1; number <= begun[key]; number++) reader.expect(number);
    }
  }

  #connectEdges(): void {
    const { stage, clock, transport, metrics } = this.#deps;
    const { epoch, fromNumber } = this.open;
    for (const edge of inputsOf(stage.name)) {
      const { resend } = transport;
      this.#readers.set(
        edge,
        new EdgeReader<StreamEdge>({
          edge,
          clock,
          state: this.state,
          serves: (number) => number >= (this.state.serveFrom(epoch) ?? fromNumber) && number <= this.state.serveThrough(epoch),
          onStream: (stream: InStream<StreamEdge>) => this.#instance?.onStream(stream),
          ...(resend && edges[edge].policy === "resend"
            ? { resend: (number: number, fromSeq: number) => resend.call(transport, edge, number, fromSeq) }
            : {}),
        }),
      );
    }
    for (const edge of outputsOf(stage.name)) {
      this.#writers.set(
        edge,
        new EdgeWriter<StreamEdge>({
          edge,
          epoch,
          state: this.state,
          ...(transport.credit ? { credit: this.#credit } : {}),
          send: (packet, headers) => {
            if (this.#closed || epoch < this.state.fence(stage.name)) return;
            metrics.packets.inc({ edge });
            transport.send(edge, packet, headers);
          },
        }),
      );
    }
  }
}

type EdgeNumbers = Readonly<Record<Edge["key"], number>>;

const edgeNumbers = (state: StateView): EdgeNumbers => ({
  utterance: state.lastUtterance,
  response: state.lastResponse,
  session: 0,
  none: 0,
});
