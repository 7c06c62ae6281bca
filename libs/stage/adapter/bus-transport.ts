import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Bus, edgeSubject, type Headers, type SessionAddress, type Subscription, serve } from "@troupe/bus";
import { AvFeedbackPacketSchema, ControlPacketSchema, ResendReplySchema, ResendRequestSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { edges, inputsOf, outputsOf, type StageName, type StreamEdge } from "../edges.ts";
import { decodePacket, encodePacket, type Packet } from "../packet.ts";
import type { Logger } from "../stage.ts";
import type { BindingTransport, StageBinding } from "./stage-binding.ts";

const resendTimeoutMs = 300;

/** Who answers a resend request: the writer's binding of that epoch, so that two bindings of a moving session are told apart. */
const resendSubject = (address: SessionAddress, edge: StreamEdge) => edgeSubject(address, `${edge}.resend`);

export function busTransport(bus: Bus, address: SessionAddress): BindingTransport {
  return {
    credit: true,
    send: (edge, packet, headers) => bus.publish(edgeSubject(address, edge), encodePacket(edge, packet), headers ? { headers } : {}),
    resend: (edge, number, fromSeq) => requestResend(bus, address, edge, number, fromSeq),
  };
}

export async function requestResend(bus: Bus, address: SessionAddress, edge: StreamEdge, number: number, fromSeq: number) {
  const request = toBinary(ResendRequestSchema, create(ResendRequestSchema, { number, fromSeq }));
  const reply = await bus.request(resendSubject(address, edge), request, { timeoutMs: resendTimeoutMs });
  return fromBinary(ResendReplySchema, reply.data);
}

/** Answers the requests of an edge's readers. */
export function serveResend(bus: Bus, address: SessionAddress, edge: StreamEdge, resend: StageBinding["resend"]): Subscription {
  return serve(bus, resendSubject(address, edge), async (message) => {
    const request = fromBinary(ResendRequestSchema, message.data);
    const result = resend(edge, request);
    return result && toBinary(ResendReplySchema, create(ResendReplySchema, result));
  });
}

/** Reads one edge for ever; a message that is none of the edge's is logged and skipped. */
export function readEdge<E extends StreamEdge>(
  bus: Bus,
  address: SessionAddress,
  edge: E,
  logger: Logger,
  accept: (packet: Packet<E>, headers: Headers) => void,
): Subscription {
  const subscription = bus.subscribe(edgeSubject(address, edge), { limit: edges[edge].windowPackets * 2, overflow: "drop-oldest" });
  void (async () => {
    for await (const message of subscription) {
      try {
        accept(decodePacket(edge, message.data), message.headers);
      } catch (thrown) {
        logger.warn({ edge, reason: ServiceError.from(thrown).reason }, "a packet was refused");
      }
    }
  })();
  return subscription;
}

/** Connects a binding to the subjects of its session, to all or none; dispose of the result to disconnect it. */
export function attachBinding(
  bus: Bus,
  controlBus: Bus,
  address: SessionAddress,
  stage: StageName,
  binding: StageBinding,
  logger: Logger,
): Disposable {
  using attached = new DisposableStack();
  const keep = (subscription: Subscription) => attached.adopt(subscription, () => subscription.close());
  for (const edge of inputsOf(stage))
    keep(readEdge(bus, address, edge, logger, (packet, headers) => binding.accept(edge, packet, headers)));
  for (const edge of outputsOf(stage)) {
    if (edges[edge].policy === "resend") keep(serveResend(bus, address, edge, (name, request) => binding.resend(name, request)));
  }
  const read = (subscription: Subscription, onData: (data: Uint8Array) => void) => {
    keep(subscription);
    void (async () => {
      for await (const message of subscription) {
        try {
          onData(message.data);
        } catch (thrown) {
          logger.warn({ subject: message.subject, reason: ServiceError.from(thrown).reason }, "a message was refused");
        }
      }
    })();
  };
  const options = { limit: 64, overflow: "drop-oldest" } as const;
  read(controlBus.subscribe(edgeSubject(address, "control"), options), (data) => {
    const { state } = fromBinary(ControlPacketSchema, data);
    if (state) binding.merge(state);
  });
  if (edges.presented.listeners?.includes(stage)) {
    read(bus.subscribe(edgeSubject(address, "presented"), { limit: 256, overflow: "drop-oldest" }), (data) =>
      binding.presented(fromBinary(edges.presented.schema, data)),
    );
  }
  if (stage === "compositor")
    read(bus.subscribe(edgeSubject(address, "av-feedback"), options), (data) => binding.feedback(fromBinary(AvFeedbackPacketSchema, data)));
  return attached.move();
}
