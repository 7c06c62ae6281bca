import { create } from "@bufbuild/protobuf";
import { BoundedQueue, type Bus, connectNats } from "@troupe/bus";
import { type ReplyRequest, ReplyRequestSchema } from "@troupe/contracts";
import { OwnerState } from "@troupe/session";
import { createManualClock, startNatsServer, until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import { createRegistry } from "../owner/registry.ts";
import { makePacket, type Packet, readPacket } from "../packet.ts";
import { echoOf, echoStage, Turnstile } from "../testing/echo-stage.ts";
import {
  contextOf,
  type MemoryRig,
  memoryRig,
  openAlone,
  PromptingOwner,
  readIdly,
  silentLogger,
  site,
  startReplica,
  untilTestEnds,
} from "../testing/rig.ts";
import { bearer, openOf, promptOf, rpcEpoch, serveRpc } from "../testing/rpc-caller.ts";
import { readEdge } from "./bus-transport.ts";

/** Prompts by response number; several responses are worked on at a time. */
const prompts = new Map([
  [1, "3 one"],
  [2, "0 nothing"],
  [3, "40 forty"],
  [4, "1 umläut-é-你"],
  [7, "5 seven"],
]);
const epoch = rpcEpoch;

type Replies = Map<number, Packet<"reply">[]>;

/** What every transport must carry: each reply with its packets numbered, closed by an end that counts them. */
const expected: Replies = new Map(
  [...prompts].map(([number, line]) => {
    const bodies = echoOf(line);
    const end = { case: "end", value: { $typeName: "troupe.session.v1.StreamEnd", count: bodies.length } } as const;
    return [number, [...bodies, end].map((body, seq) => readPacket("reply", makePacket("reply", { epoch, number, seq, body })))];
  }),
);

/** A stage that works on all prompts by turns. */
function interleavingStage() {
  const turnstile = new Turnstile();
  return { stage: echoStage({ pace: turnstile.pass }), goOn: () => turnstile.letOne(1) };
}

const collect = (replies: Replies, packet: Packet<"reply">) => replies.set(packet.number, [...(replies.get(packet.number) ?? []), packet]);

const complete = (replies: Replies) =>
  replies.size === prompts.size && [...replies.values()].every((packets) => packets.at(-1)?.body.case === "end");

async function overBus(rig: Omit<MemoryRig, "broker">, replicaBus: Bus, controlBus: Bus): Promise<Replies> {
  const { stage, goOn } = interleavingStage();
  untilTestEnds(startReplica({ clock: rig.clock, bus: replicaBus, controlBus }, stage));
  const context = contextOf(crypto.randomUUID());
  const owner = new PromptingOwner(rig.bus, context, rig.clock, new OwnerState(() => undefined));
  const replies: Replies = new Map();
  readIdly(rig.bus, context, "reply");
  readEdge(rig.bus, context, "reply", silentLogger, (packet) => collect(replies, packet));
  expect((await openAlone(rig, owner, context, "llm")).epoch).toBe(epoch);
  for (const [number, line] of prompts) owner.prompt(number, line);
  await until("every reply has ended", () => complete(replies), goOn);
  await until("the owner has read them", () => [...prompts.keys()].every((number) => owner.outcome(number) === "ok"));
  return replies;
}

async function overMemory(): Promise<Replies> {
  const rig = memoryRig();
  return await overBus(rig, rig.broker.connect(), rig.broker.connect());
}

async function overNats(): Promise<Replies> {
  const server = untilTestEnds(await startNatsServer());
  const connect = async (name: string) => {
    const bus = await connectNats({ servers: server.url, name });
    untilTestEnds({ [Symbol.asyncDispose]: () => bus.drain() });
    return bus;
  };
  const clock = createManualClock();
  const bus = await connect("owner");
  const registry = createRegistry(bus, site, clock);
  await bus.flush();
  return await overBus({ bus, clock, registry }, await connect("media"), await connect("control"));
}

async function overRpc(): Promise<Replies> {
  const { stage, goOn } = interleavingStage();
  const client = await serveRpc(stage);
  const requests = new BoundedQueue<ReplyRequest>(100, "fail");
  const send = (message: ReplyRequest["message"]) => requests.push(create(ReplyRequestSchema, { message }));
  send(openOf("s1"));
  for (const [number, line] of prompts) for (const message of promptOf(number, line)) send(message);
  requests.end();
  const replies: Replies = new Map();
  let ended = false;
  const reading = (async () => {
    for await (const { reply } of client.reply(requests, await bearer("s1"))) if (reply) collect(replies, readPacket("reply", reply));
    ended = true;
  })();
  await until("the call has ended", () => ended, goOn);
  await reading;
  return replies;
}

describe("a stage", () => {
  it.each([
    ["the bus in memory", overMemory],
    ["NATS", overNats],
    ["gRPC", overRpc],
  ])("gives the same packets for the same prompts over %s", async (_, answer) => {
    expect(await answer()).toEqual(expected);
  });
});

describe("a call of a stage over gRPC", () => {
  async function call(
    messages: readonly ReplyRequest["message"][],
    options: { readonly metadata?: Record<string, string> },
  ): Promise<Replies> {
    const client = await serveRpc(echoStage());
    async function* requests() {
      for (const message of messages) yield create(ReplyRequestSchema, { message });
    }
    const replies: Replies = new Map();
    for await (const { reply } of client.reply(requests(), options)) if (reply) collect(replies, readPacket("reply", reply));
    return replies;
  }

  it("is refused without a grant and with another session's", async () => {
    await expect(call([openOf("s1")], {})).rejects.toMatchObject({ reason: "GRANT_INVALID" });
    await expect(call([openOf("s1")], await bearer("s2"))).rejects.toMatchObject({ reason: "GRANT_SCOPE" });
  });

  it("is refused when it does not begin with open, or carries what the stage does not read", async () => {
    await expect(call(promptOf(1, "1 a"), await bearer("s1"))).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    await expect(call([openOf("s1"), { case: undefined }], await bearer("s1"))).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
  });

  it("ends with END_MISSING what its caller left without an end", async () => {
    const whole = promptOf(1, "2 whole");
    const replies = await call([openOf("s1"), ...whole, ...promptOf(2, "2 half").slice(0, 1)], await bearer("s1"));
    expect(replies.get(1)?.at(-1)?.body).toMatchObject({ case: "end", value: { count: 3 } });
    expect(replies.get(2)?.at(-1)?.body).toMatchObject({ case: "end", value: { error: { reason: "END_MISSING", stage: "llm" } } });
  });
});
