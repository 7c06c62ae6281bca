import { create, toBinary } from "@bufbuild/protobuf";
import { type Bus, edgeSubject, type SessionAddress, type Subscription } from "@troupe/bus";
import { AvFeedbackPacketSchema } from "@troupe/contracts";
import type { OwnerState } from "@troupe/session";
import {
  EdgeReader,
  EdgeWriter,
  edges,
  encodePacket,
  type InStream,
  LiveReader,
  type LiveReaderEvents,
  type Logger,
  readEdge,
  requestResend,
  type StreamEdge,
  serveResend,
} from "@troupe/stage";
import type { Clock } from "@troupe/timeline";

export interface SessionEdgesDeps {
  readonly bus: Bus;
  readonly address: SessionAddress;
  readonly state: OwnerState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onTranscript: (stream: InStream<"transcript">) => void;
  readonly onReply: (stream: InStream<"reply">) => void;
  readonly onPresented: (stream: InStream<"presented">) => void;
  readonly av: LiveReaderEvents;
}

const tickIntervalMs = 100;

/** The gateway's ends of a session's edges. */
export class SessionEdges {
  readonly speechIn: EdgeWriter<"speech-in">;
  readonly prompt: EdgeWriter<"prompt">;
  readonly #deps: SessionEdgesDeps;
  readonly #subscriptions: Subscription[] = [];
  readonly #readers: { tick(): void }[] = [];
  readonly #transcripts: EdgeReader<"transcript">;
  readonly #replies: EdgeReader<"reply">;
  #cancelTimer: () => void = () => undefined;

  constructor(deps: SessionEdgesDeps) {
    this.#deps = deps;
    this.#transcripts = this.#read("transcript", deps.onTranscript);
    this.#replies = this.#read("reply", deps.onReply);
    this.#read("presented", deps.onPresented);
    const live = new LiveReader(deps.av);
    const { bus, address, logger, state } = deps;
    this.#subscriptions.push(readEdge(bus, address, "av", logger, (packet) => live.accept(packet, state.view.fence("compositor"))));
    const epoch = state.nextEpoch();
    this.speechIn = this.#writer("speech-in", epoch);
    this.prompt = this.#writer("prompt", epoch);
    this.#again();
  }

  tick(): void {
    for (const reader of this.#readers) reader.tick();
  }

  /** Asks for the transcript even if nothing of it comes by itself. */
  expectTranscript(utterance: number): void {
    this.#transcripts.expect(utterance);
  }

  /** Likewise for the words of a response. */
  expectReply(response: number): void {
    this.#replies.expect(response);
  }

  requestKeyframe(videoBitrateBps = 0): void {
    const { bus, address } = this.#deps;
    const feedback = create(AvFeedbackPacketSchema, { keyframe: true, videoBitrateBps });
    bus.publish(edgeSubject(address, "av-feedback"), toBinary(AvFeedbackPacketSchema, feedback));
  }

  close(): void {
    this.#cancelTimer();
    for (const subscription of this.#subscriptions) subscription.close();
  }

  #again(): void {
    this.#cancelTimer = this.#deps.clock.setTimer(tickIntervalMs, () => {
      this.tick();
      this.#again();
    });
  }

  #read<E extends StreamEdge>(edge: E, onStream: (stream: InStream<E>) => void): EdgeReader<E> {
    const { bus, address, state, clock, logger } = this.#deps;
    const reader = new EdgeReader<E>({
      edge,
      clock,
      state: state.view,
      serves: () => true,
      onStream,
      resend: (number, fromSeq) => requestResend(bus, address, edge, number, fromSeq),
    });
    this.#readers.push(reader);
    this.#subscriptions.push(readEdge(bus, address, edge, logger, (packet, headers) => reader.accept(packet, headers)));
    return reader;
  }

  #writer<E extends StreamEdge>(edge: E, epoch: number): EdgeWriter<E> {
    const { bus, address, state } = this.#deps;
    const writer = new EdgeWriter<E>({
      edge,
      epoch,
      state: state.view,
      send: (packet, headers) =>
        bus.publish(edgeSubject(address, edges[edge].name), encodePacket(edge, packet), headers ? { headers } : {}),
    });
    this.#subscriptions.push(serveResend(bus, address, edge, (_, request) => writer.resend(request)));
    return writer;
  }
}
