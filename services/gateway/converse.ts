import { create } from "@bufbuild/protobuf";
import { bytesToPcm16, pcm16ToFloat } from "@troupe/audio";
import { BoundedQueue } from "@troupe/bus";
import {
  ConversationService,
  type ConverseRequest,
  type ConverseResponse,
  ConverseResponseSchema,
  Pacing,
  type Start,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { CallContext, RpcServer } from "@troupe/rpc";
import { type StageName, stageNames, toStreamError } from "@troupe/stage";
import type { Principal } from "./access/principal.ts";
import type { Gateway } from "./gateway.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { Conversation } from "./session/conversation.ts";
import type { LiveSession } from "./session/live-session.ts";
import { PictureGate } from "./session/picture-gate.ts";

/** Events that may wait for a slow caller before pictures are left out, and before the call is cut. */
const liveBacklog = 256;
const maxBacklog = 16_384;
const maxAudioBytes = 64 * 1024;

/** The gRPC face of the gateway. */
export function addConversationService(server: RpcServer, gateway: Gateway, metrics: GatewayMetrics): void {
  server.add(ConversationService, { converse: (requests, context) => converse(gateway, metrics, requests, context) });
}

export async function* converse(
  gateway: Gateway,
  metrics: GatewayMetrics,
  requests: AsyncIterable<ConverseRequest>,
  context: Pick<CallContext, "signal">,
): AsyncIterable<ConverseResponse> {
  const iterator = requests[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done || first.value.message.case !== "start") throw new ServiceError("INVALID_REQUEST", "the first message must be start");
  const start = first.value.message.value;
  const events = new Outbox(start, metrics);
  const session = await gateway.open(start, callerOf(start));
  const onAbort = () => events.fail(context.signal.reason);
  context.signal.addEventListener("abort", onAbort, { once: true });
  if (context.signal.aborted) onAbort();
  events.session = session;
  try {
    session.attach({ event: (event) => events.push(event) });
    void session.ended.then(() => events.queue.end());
    if (start.greeting !== "") session.conversation.say(start.greeting, start.language, start.greetingUninterruptible);
    void readRequests(session, iterator, events);
    for await (const event of events.queue) yield response(event);
  } finally {
    context.signal.removeEventListener("abort", onAbort);
    events.queue.end();
    await session.end("client");
  }
}

/** Callers over gRPC are the platform's own back ends: they name the tenant. */
const callerOf = ({ tenant }: Start): Principal => ({
  tenant,
  key: "grpc",
  limits: {
    maxSessions: Number.POSITIVE_INFINITY,
    maxSessionSeconds: Number.POSITIVE_INFINITY,
    minutesPerDay: Number.POSITIVE_INFINITY,
    maxTextLength: Number.POSITIVE_INFINITY,
  },
  motionOnly: true,
});

const response = (event: ConverseResponse["event"]) => create(ConverseResponseSchema, { event });

async function readRequests(session: LiveSession, requests: AsyncIterator<ConverseRequest>, events: Outbox): Promise<void> {
  try {
    for (let next = await requests.next(); !next.done; next = await requests.next()) {
      if (next.value.message.case === "finish") break;
      await carryOut(session, next.value.message, events);
    }
    await session.conversation.finish();
    events.queue.end();
  } catch (thrown) {
    events.fail(thrown);
  }
}

async function carryOut(session: LiveSession, message: ConverseRequest["message"], events: Outbox): Promise<void> {
  const { conversation } = session;
  switch (message.case) {
    case "audio":
      if (message.value.pcm16.byteLength > maxAudioBytes)
        throw new ServiceError("INVALID_REQUEST", `one audio message may hold ${maxAudioBytes} bytes`);
      return await conversation.hear(pcm16ToFloat(bytesToPcm16(message.value.pcm16)));
    case "text":
      return conversation.type(message.value.text, message.value.language);
    case "say":
      return conversation.say(message.value.text, message.value.language, message.value.uninterruptible);
    case "interrupt":
      return conversation.interrupt();
    case "feedback":
      return conversation.requestKeyframe(message.value.videoBitrateBps);
    case "playback":
      return conversation.playback(message.value);
    case "turn":
      return conversation.turn(message.value.action, message.value.response);
    case "turnDetection":
      return conversation.setTurnDetection(message.value);
    case "output":
      return session.setOutput(message.value);
    case "move":
      return await move(conversation, message.value.stage, events);
    default:
      throw new ServiceError("INVALID_REQUEST", `unexpected ${message.case ?? "empty"} message`);
  }
}

/** A stage that cannot move stays where it is; the caller is told, and the session goes on. */
async function move(conversation: Conversation, stage: string, events: Outbox): Promise<void> {
  if (!stageNames.some((name) => name === stage)) throw new ServiceError("INVALID_REQUEST", `there is no stage "${stage.slice(0, 64)}"`);
  await conversation
    .move(stage as StageName)
    .catch((thrown: unknown) => events.push({ case: "error", value: toStreamError(thrown, stage) }));
}

/** Events on their way to the caller. Live, a caller that lags loses pictures up to the next keyframe, never anything else. */
class Outbox {
  readonly queue = new BoundedQueue<ConverseResponse["event"]>(maxBacklog, "fail");
  /** Once the session is open. */
  session: LiveSession | undefined;
  readonly #metrics: GatewayMetrics;
  readonly #gate: PictureGate | undefined;

  constructor(start: Start, metrics: GatewayMetrics) {
    this.#metrics = metrics;
    if (start.presentation?.pacing === Pacing.UNPACED) return;
    this.#gate = new PictureGate({
      behind: () => this.queue.size > liveBacklog,
      requestKeyframe: () => this.session?.conversation.requestKeyframe(0),
      onBehind: () => this.session?.congested(),
    });
  }

  push(event: ConverseResponse["event"]): void {
    if (event.case === "error") this.#metrics.errors.inc({ reason: event.value.reason });
    if (event.case === "responseStarted") {
      const totalMs = Object.values(event.value.stageMs).reduce((sum, ms) => sum + ms, 0);
      this.#metrics.responseStartSeconds.observe(totalMs / 1000);
    }
    if (event.case === "av" && this.#gate?.leavesOut(event.value)) return;
    this.queue.push(event);
  }

  fail(thrown: unknown): void {
    this.queue.fail(ServiceError.from(thrown));
  }
}
