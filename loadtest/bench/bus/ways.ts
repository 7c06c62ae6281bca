import { create } from "@bufbuild/protobuf";
import { connect } from "@nats-io/transport-node";
import { type Bus, connectNats, createMemoryBroker, edgeSubject } from "@troupe/bus";
import { SessionStateSchema, SpeechChunkSchema } from "@troupe/contracts";
import { createLogger } from "@troupe/service";
import { StateView } from "@troupe/session";
import { type EdgeBody, EdgeReader, EdgeWriter, encodePacket, readEdge } from "@troupe/stage";
import { systemClock } from "@troupe/timeline";

/** A way for messages there and back: what is sent on one side is received on the other, which may send back. */
export interface Way extends AsyncDisposable {
  readonly name: string;
  send(data: Uint8Array): void;
  sendBack(data: Uint8Array): void;
  onReceived: (data: Uint8Array) => void;
  onReturned: (data: Uint8Array) => void;
}

const queueLimit = 4096;
const nothing = () => undefined;

/** The NATS client alone, with callbacks: the peer. */
export async function rawNats(server: string): Promise<Way> {
  const [near, far] = await Promise.all([connect({ servers: server }), connect({ servers: server })]);
  const way: Way = {
    name: "@nats-io client alone",
    send: (data) => near.publish("bench.there", data),
    sendBack: (data) => far.publish("bench.back", data),
    onReceived: nothing,
    onReturned: nothing,
    async [Symbol.asyncDispose]() {
      await Promise.all([near.close(), far.close()]);
    },
  };
  far.subscribe("bench.there", { callback: (_, message) => way.onReceived(message.data) });
  near.subscribe("bench.back", { callback: (_, message) => way.onReturned(message.data) });
  await Promise.all([near.flush(), far.flush()]);
  return way;
}

/** The bus, with either driver. */
export async function overBus(driver: "memory" | "nats", server: string): Promise<Way> {
  const [near, far] = await connectBoth(driver, server);
  const way: Way = {
    name: `bus, ${driver}`,
    send: (data) => near.publish("bench.there", data),
    sendBack: (data) => far.publish("bench.back", data),
    onReceived: nothing,
    onReturned: nothing,
    async [Symbol.asyncDispose]() {
      await Promise.all([near.drain(), far.drain()]);
    },
  };
  const read = async (bus: Bus, subject: string, take: (data: Uint8Array) => void) => {
    for await (const message of bus.subscribe(subject, { limit: queueLimit, overflow: "fail" })) take(message.data);
  };
  void read(far, "bench.there", (data) => way.onReceived(data)).catch(nothing);
  void read(near, "bench.back", (data) => way.onReturned(data)).catch(nothing);
  await Promise.all([near.flush(), far.flush()]);
  return way;
}

/** The stage adapter over the bus: packets with numbers, windows, streams put back into order. */
export async function overEdges(driver: "memory" | "nats", server: string): Promise<Way> {
  const [near, far] = await connectBoth(driver, server);
  const there = edgeSide(near, far, "there", (data) => way.onReceived(data));
  const back = edgeSide(far, near, "back", (data) => way.onReturned(data));
  const way: Way = {
    name: `EdgeWriter and EdgeReader, ${driver}`,
    send: there.send,
    sendBack: back.send,
    onReceived: nothing,
    onReturned: nothing,
    async [Symbol.asyncDispose]() {
      there.close();
      back.close();
      await Promise.all([near.drain(), far.drain()]);
    },
  };
  await Promise.all([near.flush(), far.flush()]);
  return way;
}

async function connectBoth(driver: "memory" | "nats", server: string): Promise<[Bus, Bus]> {
  if (driver === "nats")
    return await Promise.all([connectNats({ servers: server, name: "bench near" }), connectNats({ servers: server, name: "bench far" })]);
  const broker = createMemoryBroker();
  return [broker.connect(), broker.connect()];
}

/** One direction: an edge `speech` of a session of its own. */
function edgeSide(from: Bus, to: Bus, session: string, take: (data: Uint8Array) => void) {
  const address = { site: "local", tenant: "bench", session };
  const state = new StateView(create(SessionStateSchema, { lastResponse: 1, committedThrough: 1 }));
  const writer = new EdgeWriter<"speech">({
    edge: "speech",
    epoch: 1,
    state,
    send: (packet, headers) => from.publish(edgeSubject(address, "speech"), encodePacket("speech", packet), headers ? { headers } : {}),
  });
  const reader = new EdgeReader<"speech">({
    edge: "speech",
    clock: systemClock,
    state,
    serves: () => true,
    onStream: (stream) =>
      void (async () => {
        for await (const body of stream) if (body.case === "chunk") take(body.value.pcm16);
      })().catch(nothing),
  });
  const subscription = readEdge(to, address, "speech", createLogger("bench", "error"), (packet, headers) => reader.accept(packet, headers));
  return {
    send(pcm16: Uint8Array) {
      const body: EdgeBody<"speech"> = { case: "chunk", value: create(SpeechChunkSchema, { pcm16 }) };
      writer.writeNow(1, body);
    },
    close: () => subscription.close(),
  };
}
