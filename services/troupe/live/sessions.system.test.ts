import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { readWav } from "@troupe/audio";
import { AudioCodec, NoticeKind, StartSchema, Track } from "@troupe/contracts";
import type { Gateway, LiveSession, Principal, SessionEvent } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";

const unlimited = { maxSessions: 9, maxSessionSeconds: 3600, minutesPerDay: 1e6, maxTextLength: 4000 };
const principal: Principal = { tenant: "demo", key: "test", limits: unlimited, motionOnly: true };
const presentation = { width: 0, height: 0, audioCodec: AudioCodec.PCM16 };

let platform: Embedded;
beforeAll(async () => {
  platform = await startEmbedded({
    env: { ...process.env, TROUPE_RESUME_WINDOW_SECONDS: "2" },
    logger: createLogger("test", "error"),
    backends: { asr: "stub", llm: "stub", tts: "stub", face: "stub" },
  });
});
afterAll(() => platform[Symbol.asyncDispose]());

/** A client that remembers what it was told. */
function client(resumable = true) {
  const events: SessionEvent[] = [];
  const all = <C extends SessionEvent["case"]>(kind: C) =>
    events.flatMap((event) => (event.case === kind ? [event.value as Extract<SessionEvent, { case: C }>["value"]] : []));
  return { attachment: { event: (event: SessionEvent) => void events.push(event), resumable }, events, all };
}

async function open(gateway: Gateway): Promise<LiveSession> {
  const session = await gateway.open(create(StartSchema, { tenant: "demo", language: "en", presentation }), principal);
  onTestFinished(() => session.end("client"));
  return session;
}

const line = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen.";
const heardPcm = (someone: ReturnType<typeof client>) =>
  someone.all("av").flatMap(({ body }) => (body.case === "unit" && body.value.track === Track.AUDIO ? [body.value] : []));

describe("a session", () => {
  it("tells who attaches later what is there, and all who are attached the same", async () => {
    const session = await open(platform.gateway);
    const [first, second] = [client(), client()];
    session.attach(first.attachment);
    await vi.waitUntil(() => heardPcm(first).length > 40, { timeout: 5000 });
    expect(heardPcm(first)[0]?.ptsUs).toBe(0n);
    session.attach(second.attachment);
    session.conversation.say("Hello.", "en");
    await vi.waitUntil(() => second.all("responseDone").length === 1, { timeout: 10_000 });
    expect(second.events.slice(0, 2).map((event) => event.case)).toEqual(["started", "av"]);
    expect(first.all("responseDone")).toEqual(second.all("responseDone"));
    expect(session.transcript.entries).toMatchObject([{ role: "avatar", text: "Hello.", complete: true }]);
  });

  it("waits for a client that is gone, holds its answer, and goes on with the words not heard", async () => {
    const session = await open(platform.gateway);
    const before = client();
    const detach = session.attach(before.attachment);
    session.conversation.say(line, "en");
    await vi.waitUntil(() => before.all("responseStarted").length === 1, { timeout: 10_000 });
    await vi.waitUntil(() => heardPcm(before).filter(({ response }) => response > 0).length > 10, { timeout: 10_000 });
    detach();
    const after = client();
    const again = await platform.gateway.resume(session.resumeToken);
    expect(again).toBe(session);
    again.attach(after.attachment, { resumed: true });
    await vi.waitUntil(() => after.all("responseDone").length === 1, { timeout: 20_000 });
    expect(after.all("started")).toMatchObject([{ resumed: true, session: session.id }]);
    expect(after.all("responseDone")).toMatchObject([{ complete: true, heardText: line }]);
    // What was not heard before was heard after: no part of the response is missing between the two.
    const last = Math.max(...heardPcm(before).map(({ responsePtsUs }) => Number(responsePtsUs)));
    const first = Math.min(...heardPcm(after).flatMap(({ response, responsePtsUs }) => (response > 0 ? [Number(responsePtsUs)] : [])));
    expect(first).toBeLessThanOrEqual(last + 41_000);
  });

  it("keeps what it says for who listens: a microphone alone is waited with, but not for ever", async () => {
    const session = await open(platform.gateway);
    session.conversation.left();
    session.conversation.say("Hello there.", "en");
    const [microphone, listener] = [client(), client()];
    session.attach({ ...microphone.attachment, listens: false });
    await vi.waitUntil(() => microphone.all("responseText").length > 0, { timeout: 10_000 });
    const ready = heardPcm(microphone).length;
    await vi.waitUntil(() => heardPcm(microphone).length > ready + 25, { timeout: 10_000 });
    expect(microphone.all("responseStarted")).toEqual([]);
    session.attach(listener.attachment);
    await vi.waitUntil(() => listener.all("responseDone").length === 1, { timeout: 10_000 });
    expect(listener.all("responseDone")).toMatchObject([{ complete: true, heardText: "Hello there." }]);
    const first = heardPcm(listener).find(({ response }) => response > 0);
    expect(Number(first?.responsePtsUs)).toBeLessThan(41_000);

    const alone = await open(platform.gateway);
    alone.conversation.left();
    alone.conversation.say("Is anybody there?", "en");
    const only = client();
    alone.attach({ ...only.attachment, listens: false });
    await vi.waitUntil(() => only.all("responseDone").length === 1, { timeout: 20_000 });
  });

  it("sends less over a network that is congested, whatever kind of connection tells it", async () => {
    const start = create(StartSchema, { tenant: "demo", presentation: { ...presentation, motion: true, framesPerSecond: 25 } });
    const session = await platform.gateway.open(start, principal);
    onTestFinished(() => session.end("client"));
    const narrow = client();
    session.attach({ ...narrow.attachment, congested: true });
    await vi.waitUntil(() => narrow.all("outputChanged").length > 0, { timeout: 10_000 });
    expect(narrow.all("outputChanged")[0]).toMatchObject({ step: 1, reason: "congestion", output: { framesPerSecond: 15 } });
  });

  it("ends when nobody comes back", async () => {
    const session = await open(platform.gateway);
    session.attach(client().attachment)();
    expect(await session.ended).toBe("lost");
    await expect(platform.gateway.resume(session.resumeToken)).rejects.toMatchObject({ reason: "SESSION_UNKNOWN" });
  });

  it("is nobody else's", async () => {
    const session = await open(platform.gateway);
    expect(() => platform.gateway.session(session.id, { ...principal, tenant: "other" })).toThrowError(/no such session/);
    await expect(platform.gateway.resume(`${session.id}.guess`)).rejects.toMatchObject({ reason: "SESSION_UNKNOWN" });
    expect(platform.gateway.list("other")).toEqual([]);
  });
});

describe("another gateway", () => {
  it("adopts a session with its history, and says the rest of the answer", async () => {
    const two = platform.addGateway("two");
    const session = await open(platform.gateway);
    const before = client();
    session.attach(before.attachment);
    session.conversation.remember({ role: "system", text: "Be brief." });
    session.conversation.say("First.", "en");
    await vi.waitUntil(() => before.all("responseDone").length === 1, { timeout: 10_000 });
    session.conversation.say(`Let me count. ${line}`, "en");
    await vi.waitUntil(() => before.all("caption").some(({ text }) => text === line), { timeout: 10_000 });
    // Two connections of one client come at once.
    const [adopted, same] = await Promise.all([two.resume(session.resumeToken), two.resume(session.resumeToken)]);
    expect(same).toBe(adopted);
    onTestFinished(() => adopted.end("client"));
    expect(await session.ended).toBe("moved");
    expect(before.all("ended")).toMatchObject([{ reason: "moved" }]);
    const after = client();
    adopted.attach(after.attachment, { resumed: true });
    await vi.waitUntil(() => after.all("responseDone").length === 1, { timeout: 20_000 });
    expect(adopted.id).toBe(session.id);
    const [rest] = after.all("responseDone");
    expect(rest?.complete).toBe(true);
    expect(line.endsWith(rest?.heardText ?? "?")).toBe(true);
    expect(adopted.conversation.snapshot().messages[0]?.text).toBe("First.");
    expect(adopted.conversation.snapshot().instructions).toEqual(["Be brief."]);
    // What was said at either is in one transcript: what was begun at the one, too.
    expect(adopted.transcript.entries[0]).toMatchObject({ text: "First.", complete: true });
    const words = adopted.transcript.entries.slice(1).map(({ text }) => text);
    expect(words).toEqual(["Let me count.", line]);
    expect(adopted.facts.openedUnixMs).toBe(session.facts.openedUnixMs);
    expect(adopted.usage.report().responses).toBeGreaterThanOrEqual(2);
    // The session's time goes on where the other gateway left it.
    expect(Number(heardPcm(after)[0]?.ptsUs)).toBeGreaterThan(Number(heardPcm(before).at(-1)?.ptsUs));
  });

  it("takes over what a leaving gateway hands on in a silence", async () => {
    const [three, four] = [platform.addGateway("three"), platform.addGateway("four")];
    const session = await open(three);
    const before = client();
    session.attach(before.attachment);
    session.conversation.say("Before.", "en");
    await vi.waitUntil(() => before.all("responseDone").length === 1, { timeout: 10_000 });
    await three.drain(5000);
    expect(before.all("ended")).toMatchObject([{ reason: "drained" }]);
    const adopted = await four.resume(session.resumeToken);
    onTestFinished(() => adopted.end("client"));
    const after = client();
    adopted.attach(after.attachment, { resumed: true });
    adopted.conversation.type("And now?", "en");
    await vi.waitUntil(() => after.all("responseDone").length === 1, { timeout: 10_000 });
    expect(adopted.conversation.snapshot().messages.map(({ text }) => text)).toEqual(["Before.", "And now?", expect.any(String)]);
    await expect(three.open(create(StartSchema, { tenant: "demo", presentation }), principal)).rejects.toMatchObject({
      reason: "DRAINING",
    });
  });

  it("is left only when the person has been heard out and answered", async () => {
    const leaving = platform.addGateway("leaving");
    const session = await open(leaving);
    const someone = client();
    session.attach(someone.attachment);
    const { samples, sampleRateHz } = readWav(await readFile(join(import.meta.dirname, "../../../models/questions/hours.wav")));
    await session.conversation.hear(samples.subarray(0, samples.length / 2), sampleRateHz);
    await vi.waitUntil(() => someone.all("utteranceStarted").length === 1, { timeout: 10_000 });
    const left = leaving.drain(20_000);
    await session.conversation.hear(samples.subarray(samples.length / 2), sampleRateHz);
    await session.conversation.hear(new Float32Array(2 * sampleRateHz), sampleRateHz);
    await left;
    expect(someone.all("responseDone")).toMatchObject([{ complete: true }]);
    expect(someone.all("ended")).toMatchObject([{ reason: "drained" }]);
  });

  it("hears what was said on the way to it, all at once", async () => {
    const [left, taken] = [platform.addGateway("left"), platform.addGateway("taken")];
    const session = await open(left);
    const before = client();
    session.attach(before.attachment);
    session.conversation.say("Before.", "en");
    await vi.waitUntil(() => before.all("responseDone").length === 1, { timeout: 10_000 });
    await left.drain(5000);
    const adopted = await taken.resume(session.resumeToken);
    onTestFinished(() => adopted.end("client"));
    const after = client();
    adopted.attach(after.attachment, { resumed: true });
    const { samples, sampleRateHz } = readWav(await readFile(join(import.meta.dirname, "../../../models/questions/hours.wav")));
    await adopted.conversation.hear(samples, sampleRateHz);
    await adopted.conversation.hear(new Float32Array(2 * sampleRateHz), sampleRateHz);
    await vi.waitUntil(() => after.all("responseDone").length === 1, { timeout: 10_000 });
  });

  it("takes over what a leaving gateway was saying when its time was over, and says the rest", async () => {
    const [five, six] = [platform.addGateway("five"), platform.addGateway("six")];
    const [ours, foreign] = [await open(five), await open(five)];
    const [before, stranger] = [client(), client(false)];
    ours.attach(before.attachment);
    foreign.attach(stranger.attachment);
    for (const session of [ours, foreign]) session.conversation.say(`Let me count. ${line}`, "en");
    await vi.waitUntil(() => before.all("caption").some(({ text }) => text === line), { timeout: 10_000 });
    await five.drain(100);
    expect(before.events.slice(-2)).toMatchObject([{ case: "notice", value: { kind: NoticeKind.RECONNECT } }, { case: "ended" }]);
    expect(before.all("ended")).toMatchObject([{ reason: "drained" }]);
    // Who would not come back is not told to.
    expect([stranger.all("notice"), stranger.all("ended")]).toMatchObject([[], [{ reason: "drained" }]]);
    const adopted = await six.resume(ours.resumeToken);
    onTestFinished(() => adopted.end("client"));
    const after = client();
    adopted.attach(after.attachment, { resumed: true });
    await vi.waitUntil(() => after.all("responseDone").length === 1, { timeout: 20_000 });
    expect(adopted.transcript.entries.map(({ text }) => text)).toEqual(["Let me count.", line]);
  });
});
