import { connect } from "node:net";
import type { LiveServer } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { RealtimeCaller, type Told } from "../testing/realtime-caller.ts";

let platform: Embedded;
let server: LiveServer;
beforeAll(async () => {
  platform = await startEmbedded({
    env: { ...process.env, TROUPE_RESUME_WINDOW_SECONDS: "1", TROUPE_HTTP_PORT: "0" },
    logger: createLogger("test", "fatal"),
    backends: { asr: "stub", llm: "stub", tts: "stub", face: "stub" },
  });
  server = await platform.serveLive();
});
afterAll(() => platform[Symbol.asyncDispose]());

const call = (query = "") => RealtimeCaller.open(`${server.url}/v1/realtime${query}`);
const sessions = () => platform.gateway.list("demo");
const itemId = fc.constantFrom("a", "b", "root", "nobody");
const noise = Buffer.from(Array.from({ length: 4800 }, (_, index) => (index * 7919) % 251)).toString("base64");
const message = (id: string, role: string, text: string) => ({
  type: "message",
  id,
  role,
  content: [{ type: role === "assistant" ? "output_text" : "input_text", text }],
});

/** Every event that a client may send, in any order. */
const valid = fc.oneof(
  fc.constant({ type: "session.update", session: { type: "realtime", audio: { input: { turn_detection: null } } } }),
  fc.constant({ type: "session.update", session: { audio: { input: { turn_detection: { type: "server_vad" } } } } }),
  fc.constant({ type: "session.update", session: { audio: { input: { format: { type: "audio/pcmu" } } } } }),
  fc.constant({ type: "session.update", session: { audio: { output: { format: { type: "audio/pcma" } } } } }),
  fc.constant({ type: "session.update", session: { instructions: "Be brief.", troupe: { media: "json" } } }),
  fc.constant({ type: "session.update", session: { troupe: { media: "none", output: null } } }),
  fc.constant({ type: "input_audio_buffer.append", audio: noise }),
  fc.constant({ type: "input_audio_buffer.commit" }),
  fc.constant({ type: "input_audio_buffer.clear" }),
  fc.constant({ type: "output_audio_buffer.clear" }),
  fc.record({
    type: fc.constant("conversation.item.create"),
    item: fc.tuple(itemId, fc.constantFrom("user", "assistant", "system")).map(([id, role]) => message(id, role, "Hello.")),
  }),
  fc.record({ type: fc.constant("conversation.item.retrieve"), item_id: itemId }),
  fc.record({ type: fc.constant("conversation.item.delete"), item_id: itemId }),
  fc.record({
    type: fc.constant("conversation.item.truncate"),
    item_id: itemId,
    content_index: fc.constant(0),
    audio_end_ms: fc.nat(5000),
  }),
  fc.constant({ type: "response.create" }),
  fc.constant({ type: "response.create", response: { instructions: "Be kind.", metadata: { a: "b" } } }),
  fc.constant({ type: "response.cancel" }),
  fc.record({ type: fc.constant("troupe.playback"), position_us: fc.nat(), silenced: fc.record({ response: fc.nat(5), at_us: fc.nat() }) }),
  fc.constant({ type: "troupe.output.update", output: { width: 0, height: 0, motion: true } }),
  fc.constant({ type: "troupe.interrupt" }),
  fc.constant({ type: "troupe.keyframe" }),
  fc.record({ type: fc.constant("troupe.say"), text: fc.constantFrom("Hello.", "", "…", "你好。"), uninterruptible: fc.boolean() }),
  fc.record({ type: fc.constant("troupe.text"), text: fc.constantFrom("When?", " ") }),
);

/** Sound, text and the end of a response belong between its beginning and its end. */
function checkOrder(events: readonly Told[]): void {
  const open = new Map<string, string>();
  for (const event of events) {
    const id = (event["response_id"] ?? (event["response"] as { id?: string } | undefined)?.id) as string | undefined;
    if (!event.type.startsWith("response.") || id === undefined) continue;
    if (event.type === "response.created") expect(open.has(id)).toBe(false);
    else expect(open.get(id), `${event.type} of ${id}`).toBe("open");
    open.set(id, event.type === "response.done" ? "done" : "open");
  }
}

describe("events in any order", () => {
  it("are answered or refused, break nothing and leave no session behind", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(valid, { minLength: 1, maxLength: 24 }), async (events) => {
        const caller = await call();
        for (const event of events) caller.send(event);
        caller.send({ type: "troupe.ping", t: 1 });
        await caller.next("troupe.pong");
        const errors = caller.all("error").map(({ error }) => error as { type: string });
        expect(errors.filter(({ type }) => type === "server_error")).toEqual([]);
        checkOrder(caller.events);
        caller.send({ type: "troupe.end" });
        expect((await caller.closed).code).toBe(1000);
      }),
      { numRuns: 25, endOnFailure: true },
    );
    await vi.waitUntil(() => sessions().length === 0, { timeout: 5000 });
  });

  it("that are none break nothing either", async () => {
    const caller = await call();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc
            .record({ type: fc.constantFrom("session.update", "response.create"), session: fc.jsonValue(), response: fc.jsonValue() })
            .map((given) => JSON.stringify(given)),
        ),
        async (text) => {
          caller.socket.send(text);
        },
      ),
      { numRuns: 200 },
    );
    caller.send({ type: "troupe.ping", t: 2 });
    await caller.next("troupe.pong");
    expect(caller.all("error").every(({ error }) => (error as { type: string }).type === "invalid_request_error")).toBe(true);
    expect(caller.all("error").length).toBeGreaterThan(50);
  });
});

describe("a hostile client", () => {
  it("that sends and never reads is cut off, and nobody else waits", async () => {
    const greedy = await call();
    const text = "x".repeat(3900);
    greedy.send({ type: "conversation.item.create", item: message("big", "user", text) });
    await greedy.next("conversation.item.done");
    const [session] = sessions();
    const other = await call();
    greedy.socket.pause();
    const flood = setInterval(() => {
      for (let sent = 0; sent < 50 && greedy.socket.bufferedAmount < 1e6; sent++)
        greedy.send({ type: "conversation.item.retrieve", item_id: "big" });
    }, 10);
    try {
      other.send({ type: "troupe.say", text: "Hello there.", language: "en" });
      expect(await other.next("response.done")).toMatchObject({ response: { status: "completed" } });
      expect(await session?.ended).toBe("client");
    } finally {
      clearInterval(flood);
    }
    greedy.socket.resume();
    expect((await greedy.closed).code).not.toBe(1000);
    other.send({ type: "troupe.ping", t: 1 });
    await other.next("troupe.pong");
  });

  it("with 200 sockets that never finish their request keeps nobody out, and loses them", async () => {
    const sockets = Array.from({ length: 200 }, () => connect(server.port, "127.0.0.1"));
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.resume();
      socket.write("GET /v1/realtime HTTP/1.1\r\nHost: x\r\n");
    }
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    const caller = await call();
    caller.send({ type: "troupe.ping", t: 1 });
    await caller.next("troupe.pong");
    expect(sockets.filter((socket) => !socket.destroyed).length).toBe(200);
    await vi.waitUntil(() => sockets.every((socket) => socket.destroyed), { timeout: 30_000 });
    caller.send({ type: "troupe.ping", t: 2 });
    await caller.next("troupe.pong", 0, ({ t }) => t === 2);
  });
});
