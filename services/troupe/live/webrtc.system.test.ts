import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { createResampler, rmsDb } from "@troupe/audio";
import { PresentationSettingsSchema, StartSchema, Track } from "@troupe/contracts";
import type { LiveServer, Principal, SessionEvent } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { ask } from "../ask/ask.ts";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { root } from "../places.ts";
import { type PeerLine, runAiortc, runPion } from "../testing/live-peer.ts";

/** Budget: 90 s; real models, and peers in real time that are not built on our library: aiortc (libopus, FFmpeg) and pion. */
const unlimited = { maxSessions: 9, maxSessionSeconds: 3600, minutesPerDay: 1e6, maxTextLength: 4000 };
const principal: Principal = { tenant: "demo", key: "test", limits: unlimited, motionOnly: true };
const question = join(root, "models/questions/hours.wav");
const side = 256;

let platform: Embedded;
let live: LiveServer;
beforeAll(async () => {
  platform = await startEmbedded({ env: process.env, logger: createLogger("test", "error") });
  live = await platform.serveLive();
});
afterAll(() => platform[Symbol.asyncDispose]());

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "troupe-webrtc-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

interface Conversed {
  readonly session: string;
  readonly postedMs: number;
  readonly size: readonly number[];
  readonly frameMs: readonly number[];
  /** Of blocks of 20 ms. */
  readonly soundMs: readonly number[];
  readonly deleted: readonly number[];
}

async function converse(order: string) {
  const out = await folder();
  const query = `language=en&width=${side}&height=${side}&captions=false`;
  const lines = await runAiortc([
    "--base",
    live.url,
    "--wav",
    question,
    "--out",
    out,
    "--order",
    order,
    "--seconds",
    "12",
    "--query",
    query,
  ]);
  const sound = new Float32Array((await readFile(join(out, "sound.f32"))).buffer);
  return { told: lines[0] as unknown as Conversed, sound, picture: new Uint8Array(await readFile(join(out, "picture.gray"))) };
}

/** What our own recogniser makes of a recording. */
async function recognised(sound: Float32Array): Promise<string> {
  using resampler = await createResampler({ fromHz: 48_000, toHz: 16_000 });
  const samples = Float32Array.from([...resampler.push(sound), ...resampler.flush()]);
  const options = {
    tenant: "demo",
    avatar: "mara",
    language: "en",
    asap: true,
    width: 128,
    height: 128,
    framesPerSecond: 25,
    captions: false,
  };
  const { turns } = await ask(platform.converse, [{ kind: "audio", name: "heard", samples }], options);
  return turns.map((turn) => turn.transcript).join(" ");
}

/** Sound of each 400 ms in dB, and how much the mouth's part of the picture changes from frame to frame, both as they came in. */
function movement(sound: Float32Array, picture: Uint8Array, { soundMs, frameMs }: Conversed) {
  const beginMs = Math.max(soundMs[0] ?? 0, frameMs[0] ?? 0);
  const endMs = Math.min(soundMs.at(-1) ?? 0, frameMs.at(-1) ?? 0);
  const within = (ms: number, windowMs: number) => ms >= windowMs && ms < windowMs + 400;
  return Array.from({ length: Math.floor((endMs - beginMs) / 400) }, (_, index) => {
    const windowMs = beginMs + index * 400;
    const blocks = soundMs.flatMap((ms, block) => (within(ms, windowMs) ? [...sound.subarray(block * 960, (block + 1) * 960)] : []));
    const changes = frameMs.flatMap((ms, frame) =>
      within(ms, windowMs) && frame + 1 < frameMs.length ? [mouthChange(picture, frame)] : [],
    );
    return { db: rmsDb(Float32Array.from(blocks)), change: mean(changes) };
  }).filter(({ change }) => Number.isFinite(change));
}

function mouthChange(picture: Uint8Array, frame: number): number {
  let sum = 0;
  for (let y = 110; y < 190; y++)
    for (let x = 80; x < 176; x++) {
      const at = (frame * side + y) * side + x;
      sum += Math.abs((picture[at + side * side] ?? 0) - (picture[at] ?? 0));
    }
  return sum / (80 * 96);
}

/** Spread of brightness where the label is, or in the same place of the other corner. */
function spread(picture: Uint8Array, frame: number, left: number): number {
  const values: number[] = [];
  for (let y = 5; y < 24; y++) for (let x = left; x < left + 105; x++) values.push(picture[(frame * side + y) * side + x] ?? 0);
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

const median = (values: readonly number[]) => [...values].sort((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("a conversation over WHIP and WHEP with aiortc", () => {
  it.each(["whip-first", "whep-first", "one"])("is heard and answered in sound and picture (%s)", async (order) => {
    const { told, sound, picture } = await converse(order);
    expect(told.size).toEqual([side, side]);
    // DELETE ends the session with its last peer; a second one finds nothing.
    expect(told.deleted).toEqual(order === "one" ? [200, 404] : [200, 200, 404]);
    expect(() => platform.gateway.session(told.session, principal)).toThrow();
    expect(await recognised(sound)).toMatch(/sunday/i);
    const windows = movement(sound, picture, told);
    const speaking = windows.filter(({ db }) => db > -35).map(({ change }) => change);
    const silent = windows.filter(({ db }) => db < -70).map(({ change }) => change);
    expect(speaking.length).toBeGreaterThan(5);
    expect(median(speaking)).toBeGreaterThan(2 * median(silent));
    for (let frame = 0; frame < told.frameMs.length; frame += 25)
      expect(spread(picture, frame, 5)).toBeGreaterThan(1.5 * spread(picture, frame, side - 110));
    process.stderr.write(
      `${order}: POST answered ${told.postedMs.toFixed(0)} ms, first frame ${told.frameMs[0]?.toFixed(0)} ms after the first POST\n`,
    );
  });
});

/** Session, and everything that it told. */
async function observed() {
  const presentation = create(PresentationSettingsSchema, { width: side, height: side });
  const session = await platform.gateway.open(
    create(StartSchema, { tenant: "demo", language: "en", presentation, sampleRateHz: 16_000 }),
    principal,
  );
  const events: SessionEvent[] = [];
  session.attach({ event: (event) => void events.push(event) });
  onTestFinished(() => session.end("client"));
  return { session, events };
}

describe("peers that are built on pion", () => {
  it("publish a question as PCMU into a session of another rate", async () => {
    const { session } = await observed();
    const lines = await runPion(["-url", `${live.url}/v1/whip?session=${session.id}`, "-wav", question, "-seconds", "8"]);
    // Its connection may tell that it has closed after that.
    expect(lines).toContainEqual(expect.objectContaining({ event: "deleted", status: 200 }));
    await vi.waitUntil(() => session.transcript.entries.length > 1, { timeout: 15_000 });
    const [asked, answered] = session.transcript.entries;
    expect(asked).toMatchObject({ role: "person", text: expect.stringMatching(/opening hours.*sunday/i) });
    expect(answered).toMatchObject({ role: "avatar", text: expect.stringContaining("Sunday") });
  });

  it("play a session: sound and picture on one line of time", async () => {
    const { session, events } = await observed();
    const out = await folder();
    const playing = runPion(["-url", `${live.url}/v1/whep?session=${session.id}`, "-out", out, "-seconds", "8"]);
    session.conversation.say("The museum is open from ten to five, and on Sundays admission is free for everybody under eighteen.", "en");
    const lines = await playing;
    expect(
      lines
        .filter(({ event }) => event === "track")
        .map(({ codec, stream }) => [codec, stream])
        .sort(),
    ).toEqual([
      ["audio/opus", "avatar"],
      ["video/H264", "avatar"],
    ]);
    const sound = times(lines, "audio", 48_000);
    const picture = times(lines, "video", 90_000);
    const soundOffsets = soundMatches(events, lines).map(({ timestamp, ptsUs }) => sound(timestamp) - ptsUs / 1e6);
    const pictureOffsets = pictureMatches(events, lines).map(({ timestamp, ptsUs }) => picture(timestamp) - ptsUs / 1e6);
    expect(soundOffsets.length).toBeGreaterThan(100);
    expect(pictureOffsets.length).toBeGreaterThan(100);
    const errorMs = 1000 * (mean(pictureOffsets) - mean(soundOffsets));
    expect(Math.abs(errorMs)).toBeLessThan(1);
    const first = lines.find(({ event, kind }) => event === "rtp" && kind === "video")?.ms ?? 0;
    const posted = lines.find(({ event }) => event === "post")?.ms ?? 0;
    process.stderr.write(
      `pion: first picture packet ${(first - posted).toFixed(0)} ms after POST, sound against picture ${errorMs.toFixed(3)} ms\n`,
    );
  });
});

/** RTP timestamps of a track as NTP seconds, as its sender reports say; they must agree with each other. */
function times(lines: readonly PeerLine[], kind: string, clockRate: number): (timestamp: number) => number {
  const reports = lines.filter((line) => line.event === "report" && line["kind"] === kind);
  expect(reports.length).toBeGreaterThan(4);
  const lineOf = (report: PeerLine) => (timestamp: number) =>
    Number(report["ntpSeconds"]) + ((timestamp - Number(report["timestamp"])) | 0) / clockRate;
  const [first, ...rest] = reports.map(lineOf) as [(timestamp: number) => number];
  const some = Number(lines.find((line) => line.event === "rtp" && line["kind"] === kind)?.["timestamp"]);
  for (const other of rest as ((timestamp: number) => number)[]) expect(Math.abs(other(some) - first(some))).toBeLessThan(0.001);
  return first;
}

const unitsOf = (events: readonly SessionEvent[], track: Track) =>
  events.flatMap((event) =>
    event.case === "av" && event.value.body.case === "unit" && event.value.body.value.track === track ? [event.value.body.value] : [],
  );

/** Sound by its bytes; silence is all alike. */
function soundMatches(events: readonly SessionEvent[], lines: readonly PeerLine[]) {
  const byDigest = new Map<string, number[]>();
  for (const { data, ptsUs } of unitsOf(events, Track.AUDIO)) {
    const digest = createHash("sha256").update(data).digest("hex").slice(0, 16);
    byDigest.set(digest, [...(byDigest.get(digest) ?? []), Number(ptsUs)]);
  }
  return lines.flatMap((line) => {
    const found = line.event === "rtp" && line["kind"] === "audio" ? byDigest.get(String(line["digest"])) : undefined;
    return found?.length === 1 && found[0] !== undefined ? [{ timestamp: Number(line["timestamp"]), ptsUs: found[0] }] : [];
  });
}

/** Pictures by their sizes in order: RTP adds some bytes to each packet. */
function pictureMatches(events: readonly SessionEvent[], lines: readonly PeerLine[]) {
  const sizes = new Map<number, number>();
  for (const line of lines.filter(({ event, kind }) => event === "rtp" && kind === "video"))
    sizes.set(Number(line["timestamp"]), (sizes.get(Number(line["timestamp"])) ?? 0) + Number(line["size"]));
  const units = unitsOf(events, Track.VIDEO);
  const frames = [...sizes];
  const distance = (from: number) =>
    frames.slice(1, 100).reduce((sum, [, size], index) => sum + Math.abs(size - (units[from + index + 1]?.data.length ?? 0)), 0);
  const starts = units.flatMap(({ keyframe }, index) => (keyframe ? [index] : []));
  const start = starts.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best));
  return frames.flatMap(([timestamp], index) => {
    const unit = units[start + index];
    return unit ? [{ timestamp, ptsUs: Number(unit.ptsUs) }] : [];
  });
}
