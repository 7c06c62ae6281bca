import { create } from "@bufbuild/protobuf";
import { BoundedQueue, connectNats } from "@troupe/bus";
import { ControlPacketSchema, type ReplyRequest, ReplyRequestSchema } from "@troupe/contracts";
import { OwnerState } from "@troupe/session";
import { createManualClock, startNatsServer, until } from "@troupe/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sendBeat } from "../owner/binding-client.ts";
import { createRegistry } from "../owner/registry.ts";
import { readPacket } from "../packet.ts";
import { type Action, actions, fates, type Outcome, playCancels, playOn, turn } from "../testing/cancel-scenario.ts";
import { echoOf, echoStage, Turnstile } from "../testing/echo-stage.ts";
import {
  contextOf,
  grants,
  memoryRig,
  openAlone,
  PromptingOwner,
  readIdly,
  silentLogger,
  site,
  startReplica,
  untilTestEnds,
} from "../testing/rig.ts";
import { bearer, openOf, promptOf, serveRpc } from "../testing/rpc-caller.ts";
import { readEdge } from "./bus-transport.ts";

function expectCancelsKept({ tooLate, unknownCancels, owner, lines, isCancelled }: Outcome): void {
  expect(tooLate).toEqual([]);
  expect(unknownCancels).toEqual([]);
  for (const [number, line] of lines) {
    if (isCancelled(number)) expect(["CANCELLED", "ok", "none"]).toContain(owner.outcome(number));
    else expect({ number, ...owner.answers.get(number) }).toEqual({ number, bodies: echoOf(line), outcome: "ok" });
  }
}

describe("a cancel", () => {
  it("silences its responses and no others, whatever the bus in memory loses, doubles and reorders", async () => {
    await fc.assert(
      fc.asyncProperty(actions, fates, async (played, fated) => {
        const rig = memoryRig();
        expectCancelsKept(await playCancels({ ...rig, replicaBus: rig.broker.connect() }, played, fated));
      }),
      { numRuns: 80 },
    );
  });

  it("silences its responses and no others, whatever NATS loses, doubles and reorders", async () => {
    const server = untilTestEnds(await startNatsServer());
    const [bus, replicaBus] = await Promise.all(["owner", "replica"].map((name) => connectNats({ servers: server.url, name })));
    if (!bus || !replicaBus) throw new Error("not connected");
    const clock = createManualClock();
    const registry = createRegistry(bus, site, clock);
    await bus.flush();
    await fc.assert(
      fc.asyncProperty(actions, fates, async (played, fated) => {
        expectCancelsKept(await playCancels({ bus, replicaBus, clock, registry }, played, fated));
      }),
      { numRuns: 10 },
    );
    await Promise.all([bus.drain(), replicaBus.drain()]);
  });

  it("silences its responses and no others over gRPC, from the first packet of a later response on", async () => {
    let turnstile = new Turnstile();
    const client = await serveRpc(echoStage({ pace: (signal) => turnstile.pass(signal) }));
    const metadata = await bearer("s1");
    await fc.assert(
      fc.asyncProperty(actions, async (played) => {
        turnstile = new Turnstile();
        const requests = new BoundedQueue<ReplyRequest>(1000, "fail");
        const call = new PlayedCall((message) => requests.push(create(ReplyRequestSchema, { message })), turnstile);
        const reading = (async () => {
          for await (const { reply } of client.reply(requests, metadata)) if (reply) call.receive(readPacket("reply", reply));
        })();
        for (const action of played) await call.play(action);
        requests.end();
        turnstile.openWide();
        await reading;
        call.expectCancelsKept();
      }),
      { numRuns: 40 },
    );
  });

  it("drops what waits for a slow caller over gRPC", async () => {
    const line = `10000 ${"long".repeat(25)}`;
    let written = 0;
    let cancelled = false;
    const pace = async () => void written++;
    const client = await serveRpc(echoStage({ pace, onMerged: ({ state }) => (cancelled = state.isCancelled(1)) }));
    const requests = new BoundedQueue<ReplyRequest>(100, "fail");
    const send = (message: ReplyRequest["message"]) => requests.push(create(ReplyRequestSchema, { message }));
    const state = new OwnerState((changed) => send({ case: "control", value: create(ControlPacketSchema, { epoch: 1, state: changed }) }));
    send(openOf("s1"));
    for (const message of promptOf(state.nextResponse(), line)) send(message);
    const replies = client.reply(requests, await bearer("s1"))[Symbol.asyncIterator]();
    await replies.next();
    await until("the stage has written everything", () => written === echoOf(line).length);
    state.cancelThrough(1);
    await until("the cancel has come", () => cancelled);
    for (const message of promptOf(state.nextResponse(), "3 next")) send(message);
    requests.end();
    const read = [];
    for (let next = await replies.next(); !next.done; next = await replies.next())
      if (next.value.reply) read.push(next.value.reply.response);
    expect(read.length).toBeLessThan(5000);
    expect(read.slice(read.indexOf(2))).toEqual([2, 2, 2, 2, 2]);
  });

  it("that was lost is healed by the next beat", async () => {
    const rig = memoryRig();
    const { clock, broker, registry } = rig;
    const context = contextOf("s1");
    const turnstile = new Turnstile();
    untilTestEnds(startReplica({ clock, bus: broker.connect() }, echoStage({ pace: turnstile.pass })));
    const state = new OwnerState(() => undefined);
    const owner = new PromptingOwner(rig.bus, context, clock, state);
    let emitted = 0;
    readIdly(rig.bus, context, "reply");
    readEdge(rig.bus, context, "reply", silentLogger, () => emitted++);
    const { epoch, replica } = await openAlone(rig, owner, context, "llm");

    const first = state.nextResponse();
    owner.prompt(first, "5 one");
    await turn();
    state.cancelThrough(first);
    turnstile.letOne(0);
    await until("a packet leaves, since the replica does not know of the cancel", () => emitted === 1);

    const { tenant, session } = context;
    const named = [{ tenant, session, epoch, state: state.view.snapshot() }];
    await sendBeat({ bus: rig.bus, site, grants, registry }, replica, context.owner, named);
    turnstile.openWide();
    const second = state.nextResponse();
    owner.prompt(second, "2 two");
    await until("the next response is complete", () => owner.outcome(second) === "ok");
    expect(emitted).toBe(1 + echoOf("2 two").length + 1);
  });
});

/** One call of a stage: what was cancelled, and what came after that was acknowledged. */
class PlayedCall {
  readonly #send: (message: ReplyRequest["message"]) => void;
  readonly #state: OwnerState;
  readonly play: (action: Action) => unknown;
  readonly #lines = new Map<number, string>();
  /** What was cancelled when the prompt of a response was sent: its first packet proves that the cancel was read. */
  readonly #cancelledBefore = new Map<number, readonly number[]>();
  readonly #acknowledged = new Set<number>();
  readonly #received = new Map<number, ReturnType<typeof echoOf>>();
  readonly #tooLate: string[] = [];
  readonly #ended = new Set<number>();

  constructor(send: (message: ReplyRequest["message"]) => void, turnstile: Turnstile) {
    this.#send = send;
    this.#state = new OwnerState((state) => send({ case: "control", value: create(ControlPacketSchema, { epoch: 1, state }) }));
    this.play = playOn(this.#state, turnstile, {
      respond: (number, line) => this.#respond(number, line),
      beat: () => send({ case: "control", value: create(ControlPacketSchema, { epoch: 1, state: this.#state.view.snapshot() }) }),
      tick: turn,
      askAgain: () => undefined,
    });
    send(openOf("s1"));
  }

  #respond(number: number, line: string): void {
    const cancelled = [...this.#lines.keys()].filter((earlier) => this.#state.view.isCancelled(earlier));
    this.#cancelledBefore.set(number, cancelled);
    this.#lines.set(number, line);
    for (const message of promptOf(number, line)) this.#send(message);
  }

  receive({ number, seq, body }: ReturnType<typeof readPacket<"reply">>): void {
    if (this.#acknowledged.has(number)) this.#tooLate.push(`${number}/${seq}`);
    for (const cancelled of this.#cancelledBefore.get(number) ?? []) this.#acknowledged.add(cancelled);
    if (body.case === "end") this.#ended.add(number);
    else this.#received.set(number, [...(this.#received.get(number) ?? []), body]);
  }

  expectCancelsKept(): void {
    expect(this.#tooLate).toEqual([]);
    for (const [number, line] of this.#lines) {
      if (this.#state.view.isCancelled(number)) continue;
      expect(this.#received.get(number)).toEqual(echoOf(line));
      expect(this.#ended.has(number)).toBe(true);
    }
  }
}
