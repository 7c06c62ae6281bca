import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { createResampler, encodeALaw, encodeMuLaw, floatToPcm16, pcm16ToBytes, readWav } from "@troupe/audio";
import { AvPacketSchema } from "@troupe/contracts";
import type { LiveServer } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { root } from "../places.ts";
import { RealtimeCaller } from "../testing/realtime-caller.ts";

let platform: Embedded;
let server: LiveServer;
beforeAll(async () => {
  platform = await startEmbedded({
    env: { ...process.env, TROUPE_RESUME_WINDOW_SECONDS: "2", TROUPE_HTTP_PORT: "0" },
    logger: createLogger("test", "error"),
    backends: { asr: "stub", llm: "stub", tts: "stub", face: "stub" },
  });
  server = await platform.serveLive();
});
afterAll(() => platform[Symbol.asyncDispose]());

const sessions = () => platform.gateway.list("demo");
const call = (query = "") => RealtimeCaller.open(`${server.url}/v1/realtime${query}`);

const ours = { type: "session.update", session: { type: "realtime", troupe: { media: "binary" } } } as const;
const longLine = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen.";

/** A question as 24 kHz PCM16, in parts of 100 ms. */
async function spoken(name: string): Promise<readonly string[]> {
  const { samples, sampleRateHz } = readWav(await readFile(join(root, "models/questions", `${name}.wav`)));
  using resampler = await createResampler({ fromHz: sampleRateHz, toHz: 24_000 });
  const bytes = pcm16ToBytes(floatToPcm16(resampler.push(samples)));
  return Array.from({ length: Math.ceil(bytes.length / 4800) }, (_, index) =>
    Buffer.from(bytes.subarray(index * 4800, (index + 1) * 4800)).toString("base64"),
  );
}

describe("a client of ours", () => {
  it("gets the tracks and the picture and sound of a line as packets", async () => {
    const caller = await call();
    caller.send({ type: "session.update", session: { troupe: { media: "binary", output: { width: 128, height: 128 } } } });
    const started = await caller.next("troupe.session.started");
    expect(started).toMatchObject({ avatar: "mara", resumed: false, output: { width: 128, height: 128 } });
    await caller.next("session.updated");
    caller.send({ type: "troupe.say", text: "Hello there.", language: "en" });
    const done = await caller.next("response.done");
    expect(done["response"]).toMatchObject({ status: "completed", output: [{ content: [{ transcript: "Hello there." }] }] });
    const cases = caller.packets.map((bytes) => fromBinary(AvPacketSchema, bytes).body.case);
    expect(cases.filter((kind) => kind === "header").length).toBeGreaterThanOrEqual(2);
    expect(cases.filter((kind) => kind === "unit").length).toBeGreaterThan(20);
  });

  it("comes back to its session, and the connection that it lost is closed", async () => {
    const lost = await call();
    lost.send(ours);
    const { resume_token: token, session_id: id } = await lost.next("troupe.session.started");
    lost.send({ type: "troupe.say", text: longLine, language: "en" });
    await lost.next("troupe.response", 0, (event) => event["state"] === "started");
    const back = await call(`?resume=${token}&media=binary`);
    expect(await back.next("troupe.session.started")).toMatchObject({ session_id: id, resumed: true });
    expect(await lost.closed).toMatchObject({ code: 4009 });
    expect(await back.next("response.done")).toMatchObject({ response: { status: "completed" } });
    back.send({ type: "troupe.end" });
    expect(await back.next("troupe.ended")).toMatchObject({ reason: "client" });
    expect(await back.closed).toMatchObject({ code: 1000, reason: "client" });
    expect(sessions().map((session) => session.id)).not.toContain(id);
  });

  it("keeps its session while it is away, and loses it after the window", async () => {
    const caller = await call();
    caller.send(ours);
    const { session_id: id } = await caller.next("troupe.session.started");
    const session = sessions().find((candidate) => candidate.id === id);
    caller.socket.terminate();
    await vi.waitUntil(() => session?.attached === 0);
    expect(sessions()).toContain(session);
    expect(await session?.ended).toBe("lost");
  });

  it("is refused the session of a token that is none, and told why", async () => {
    const caller = await call("?resume=nonsense.token");
    expect(await caller.next("error")).toMatchObject({ error: { code: "SESSION_UNKNOWN", type: "invalid_request_error" } });
    expect(await caller.closed).toMatchObject({ code: 4000, reason: "SESSION_UNKNOWN" });
  });

  it("changes its output amid the session", async () => {
    const caller = await call();
    caller.send({ type: "session.update", session: { troupe: { media: "json", output: { width: 64, height: 64 } } } });
    await caller.next("troupe.track", 0, (event) => event["track"] === "video");
    caller.send({ type: "troupe.output.update", output: null });
    const changed = await caller.next("troupe.output.changed");
    expect(changed).toMatchObject({ reason: "requested", step: 0, output: { width: 0, height: 0 } });
    caller.send({ type: "troupe.ping", t: 7 });
    expect(await caller.next("troupe.pong")).toMatchObject({ t: 7 });
  });
});

describe("a client that knows only the protocol", () => {
  it("is heard without saying anything of a session, is told nothing else, and ends it by leaving", async () => {
    const caller = await call("?model=gpt-realtime");
    const created = await caller.next("session.created");
    expect(created).toMatchObject({ session: { type: "realtime", audio: { output: { format: { type: "audio/pcm", rate: 24_000 } } } } });
    const before = new Set(sessions());
    await vi.waitUntil(() => sessions().some((session) => !before.has(session)));
    const session = sessions().find((candidate) => !before.has(candidate));
    caller.socket.close();
    expect(await session?.ended).toBe("client");
    expect(caller.events.filter(({ type }) => type.startsWith("troupe."))).toEqual([]);
  });

  it("takes its turns by hand: commits its sound, asks for the answer, cancels it", async () => {
    const caller = await call();
    caller.send({ type: "session.update", session: { type: "realtime", audio: { input: { turn_detection: null } } } });
    await caller.next("session.updated");
    for (const audio of await spoken("hours")) caller.send({ type: "input_audio_buffer.append", audio });
    caller.send({ type: "input_audio_buffer.commit" });
    const committed = await caller.next("input_audio_buffer.committed");
    await caller.next("conversation.item.input_audio_transcription.completed", 0, (event) => event["item_id"] === committed["item_id"]);
    // A second question after a silence: only the client's commits make turns, and only its word begins an answer.
    for (const audio of [...Array(20).fill(Buffer.alloc(4800).toString("base64")), ...(await spoken("children"))])
      caller.send({ type: "input_audio_buffer.append", audio });
    caller.send({ type: "input_audio_buffer.commit" });
    await vi.waitUntil(() => caller.all("conversation.item.input_audio_transcription.completed").length === 2, { timeout: 10_000 });
    expect(caller.all("input_audio_buffer.committed").length).toBe(2);
    expect(caller.all("response.created")).toEqual([]);
    expect(caller.all("input_audio_buffer.speech_started")).toEqual([]);
    caller.send({ type: "response.create", response: { metadata: { topic: "hours" } } });
    const created = await caller.next("response.created");
    expect(created).toMatchObject({ response: { metadata: { topic: "hours" }, status: "in_progress" } });
    await caller.next("rate_limits.updated");
    await caller.next("response.output_audio.delta");
    caller.send({ type: "response.cancel" });
    const done = await caller.next("response.done");
    expect(done).toMatchObject({
      response: { status: "cancelled", status_details: { reason: "client_cancelled" }, metadata: { topic: "hours" } },
    });
    const mark = caller.mark;
    caller.send({ type: "response.cancel", event_id: "again" });
    expect(await caller.next("error", mark)).toMatchObject({ error: { code: "INVALID_REQUEST", event_id: "again" } });
    expect(caller.events.slice(mark).some(({ type }) => type === "response.output_audio.delta")).toBe(false);
  });

  it("with turns taken by hand has an item answered when it asks; typed words of ours are answered unasked", async () => {
    const caller = await call();
    caller.send({ type: "session.update", session: { type: "realtime", audio: { input: { turn_detection: null } } } });
    await caller.next("session.updated");
    const content = [{ type: "input_text", text: "When do you open?" }];
    caller.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
    await caller.next("conversation.item.done");
    // Whatever it began would have begun before the answer to a later event.
    caller.send({ type: "conversation.item.retrieve", item_id: "none" });
    await caller.next("error");
    expect(caller.all("response.created")).toEqual([]);
    caller.send({ type: "response.create" });
    await caller.next("response.output_audio.delta");
    const mark = caller.mark;
    caller.send({ type: "troupe.text", text: "And what does it cost?", language: "en" });
    expect(await caller.next("response.done", mark)).toMatchObject({ response: { status: "cancelled" } });
    await caller.next("response.done", mark, (event) => (event["response"] as { status: string }).status === "completed");
  });

  it("writes, reads and deletes items, has its question answered, and cuts the answer to what it played", async () => {
    const caller = await call();
    const text = { type: "message", role: "user", content: [{ type: "input_text", text: "Tell me everything about the museum please." }] };
    caller.send({ type: "conversation.item.create", item: { ...text, id: "first" } });
    expect(await caller.next("conversation.item.added")).toMatchObject({
      previous_item_id: null,
      item: { id: "first", status: "completed" },
    });
    caller.send({ type: "conversation.item.create", previous_item_id: "root", item: { ...text, id: "zeroth" } });
    await caller.next("conversation.item.done", 0, (event) => (event["item"] as { id: string }).id === "zeroth");
    caller.send({ type: "conversation.item.delete", item_id: "zeroth" });
    expect(await caller.next("conversation.item.deleted")).toMatchObject({ item_id: "zeroth" });
    caller.send({ type: "conversation.item.retrieve", item_id: "zeroth", event_id: "gone" });
    expect(await caller.next("error")).toMatchObject({ error: { event_id: "gone", param: "item_id" } });
    caller.send({ type: "response.create" });
    const delta = await caller.next("response.output_audio.delta");
    const id = delta["item_id"] as string;
    caller.send({ type: "conversation.item.truncate", item_id: id, content_index: 0, audio_end_ms: 400 });
    expect(await caller.next("conversation.item.truncated")).toMatchObject({ item_id: id, audio_end_ms: 400 });
    expect(await caller.next("response.done")).toMatchObject({ response: { status: "cancelled" } });
    await vi.waitUntil(async () => {
      const mark = caller.mark;
      caller.send({ type: "conversation.item.retrieve", item_id: id });
      const { item } = (await caller.next("conversation.item.retrieved", mark)) as unknown as {
        item: { status: string; content: { transcript: string }[] };
      };
      return item.status === "incomplete" && !item.content[0]?.transcript.includes("museum");
    });
  });

  it.each(["audio/pcmu", "audio/pcma"])("speaks and is answered in %s", async (type) => {
    const caller = await call();
    const format = { type };
    caller.send({ type: "session.update", session: { audio: { input: { format, turn_detection: null }, output: { format } } } });
    const encode = type === "audio/pcmu" ? encodeMuLaw : encodeALaw;
    const { samples, sampleRateHz } = readWav(await readFile(join(root, "models/questions/hours.wav")));
    const narrow = samples.filter((_, index) => index % (sampleRateHz / 8000) === 0);
    caller.send({ type: "input_audio_buffer.append", audio: Buffer.from(Uint8Array.from(narrow, encode)).toString("base64") });
    caller.send({ type: "input_audio_buffer.commit" });
    caller.send({ type: "response.create" });
    const done = await caller.next("response.done");
    const bytes = caller
      .all("response.output_audio.delta")
      .reduce((sum, { delta }) => sum + Buffer.from(delta as string, "base64").length, 0);
    const { usage } = done["response"] as { usage: { output_tokens: number } };
    // 8,000 bytes a second, and a token each 50 ms.
    expect(Math.abs(bytes / 400 - usage.output_tokens)).toBeLessThanOrEqual(1);
    expect(usage.output_tokens).toBeGreaterThan(20);
  });

  it("from a browser brings its key as a subprotocol, which is not sent back", async () => {
    const caller = await call();
    const browser = await RealtimeCaller.open(`${server.url}/v1/realtime`, ["realtime", "openai-insecure-api-key.sk-x"]);
    expect(browser.socket.protocol).toBe("realtime");
    expect(caller.socket.protocol).toBe("");
  });
});

describe("what is not offered or not right", () => {
  it.each([
    ["{", null, ""],
    ["[]", null, ""],
    ['{"type":"constructor"}', "type", ""],
    ['{"type":"session.update","event_id":"a"}', "session", "a"],
    ['{"type":"session.update","session":{"tools":[{"type":"function","name":"f"}]},"event_id":"b"}', "session.tools", "b"],
    ['{"type":"session.update","session":{"output_modalities":["text"]}}', "session.output_modalities", ""],
    ['{"type":"session.update","session":{"type":"transcription"}}', "session.type", ""],
    ['{"type":"input_audio_buffer.append","audio":"***"}', "audio", ""],
    ['{"type":"input_audio_buffer.append","audio":"AAAA"}', "audio", ""],
    ['{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c","output":""}}', "item.type", ""],
    [
      '{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_image","image_url":"x"}]}}',
      "item.content[0].type",
      "",
    ],
    ['{"type":"conversation.item.truncate","item_id":"x","audio_end_ms":-1}', "audio_end_ms", ""],
    ['{"type":"response.create","response":{"conversation":"none"}}', "response.conversation", ""],
    ['{"type":"response.create","response":{"tools":[{}]}}', "response.tools", ""],
  ])("%s is told so, and the connection goes on", async (text, param, eventId) => {
    const caller = await call();
    caller.socket.send(text);
    const { error } = (await caller.next("error")) as unknown as { error: Record<string, unknown> };
    expect(error).toMatchObject({ type: "invalid_request_error", param, event_id: eventId || null });
    expect(["INVALID_REQUEST", "UNIMPLEMENTED"]).toContain(error["code"]);
    caller.send({ type: "troupe.ping", t: 1 });
    await caller.next("troupe.pong");
  });

  it("is a binary frame", async () => {
    const caller = await call();
    caller.socket.send(Buffer.from([1, 2, 3]));
    expect(await caller.next("error")).toMatchObject({ error: { code: "INVALID_REQUEST" } });
  });

  it("is a message that is too long; one far beyond that ends the connection, and no other", async () => {
    const [caller, other] = [await call(), await call()];
    caller.send({ type: "input_audio_buffer.append", audio: "A".repeat(800 * 1024) });
    expect(await caller.next("error")).toMatchObject({ error: { message: "a message may have 786432 characters" } });
    caller.socket.send("A".repeat(2 * 1024 * 1024));
    expect(await caller.closed).toMatchObject({ code: 1009 });
    other.send({ type: "troupe.ping", t: 1 });
    await other.next("troupe.pong");
  });

  it("is an avatar that there is not", async () => {
    const caller = await call("?model=nobody");
    expect(await caller.next("error")).toMatchObject({ error: { code: "AVATAR_UNKNOWN" } });
    expect(await caller.closed).toMatchObject({ code: 4000 });
  });

  it("is an address with nonsense in it, before anything is upgraded", async () => {
    await expect(call("?media=smoke-signals")).rejects.toThrow("Unexpected server response: 400");
  });
});
