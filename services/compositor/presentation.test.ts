import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { createCanvas } from "@napi-rs/canvas";
import { pcm16ToBytes } from "@troupe/audio";
import { AudioCodec, AvFeedbackPacketSchema, ClauseStartSchema, Pacing, PresentationSettingsSchema, Track } from "@troupe/contracts";
import type { EdgeBody, Packet } from "@troupe/stage";
import { createManualClock, type MemoryStage, openMemoryStage, until } from "@troupe/testkit";
import { blendShapeNames, type Clock } from "@troupe/timeline";
import { describe, expect, it, onTestFinished } from "vitest";
import { createNodeSurface } from "./node-canvas.ts";
import type { Renderer } from "./renderers/renderer.ts";
import { compositorStage } from "./stage.ts";

type Settings = MessageInitShape<typeof PresentationSettingsSchema>;

const small: Settings = { width: 128, height: 96, pacing: Pacing.UNPACED, captions: true };

/** A disc that opens with the jaw. */
const renderer: Renderer = {
  width: 64,
  height: 64,
  draw(context, { weights, head }) {
    context.fillStyle = "#335";
    context.fillRect(0, 0, 64, 64);
    context.fillStyle = "#fc9";
    context.beginPath();
    context.ellipse(32 + 20 * head.yaw, 32, 12, 4 + 20 * (weights[17] as number), 0, 0, 7);
    context.fill();
  },
};

async function open(settings: Settings, clock?: Clock): Promise<MemoryStage> {
  const stage = compositorStage({ loadRenderer: async () => renderer, createSurface: createNodeSurface, label: "AI-generated" });
  const value = create(PresentationSettingsSchema, settings);
  const opened = await openMemoryStage(stage, { settings: { case: "presentation", value }, ...(clock ? { clock } : {}) });
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}

interface Said {
  readonly ms: number;
  readonly sampleRateHz?: number;
  readonly framesPerSecond?: number;
}

/** A tone with one word, and motion for it, as tts and face send them. */
function speak(stage: MemoryStage, number: number, { ms, sampleRateHz = 24_000, framesPerSecond = 25 }: Said): void {
  stage.send("speech", number, { case: "header", value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz } });
  const samples = Int16Array.from(
    { length: (ms * sampleRateHz) / 1000 },
    (_, n) => 8000 * Math.sin((2 * Math.PI * 220 * n) / sampleRateHz),
  );
  const step = sampleRateHz / 5;
  for (let from = 0; from < samples.length; from += step)
    stage.send("speech", number, chunk(samples.subarray(from, from + step), (from / sampleRateHz) * 1e6, ms));
  stage.end("speech", number);
  stage.send("motion", number, {
    case: "header",
    value: { $typeName: "troupe.face.v1.MotionHeader", framesPerSecond, weightNames: [...blendShapeNames] },
  });
  for (let frame = 0; (frame * 1000) / framesPerSecond < ms; frame++)
    stage.send("motion", number, {
      case: "frame",
      value: {
        $typeName: "troupe.face.v1.MotionFrame",
        ptsUs: BigInt(Math.round((frame * 1e6) / framesPerSecond)),
        weights: new Array(52).fill(0.2),
      },
    });
  stage.end("motion", number);
}

function chunk(samples: Int16Array, ptsUs: number, endMs: number): EdgeBody<"speech"> {
  const first = ptsUs === 0;
  const word = { $typeName: "troupe.speech.v1.TimedText" as const, text: "Tone.", startUs: 0n, endUs: BigInt(endMs * 1000) };
  return {
    case: "chunk",
    value: {
      $typeName: "troupe.speech.v1.SpeechChunk",
      ptsUs: BigInt(Math.round(ptsUs)),
      pcm16: pcm16ToBytes(samples),
      words: first ? [word] : [],
      phones: [],
      ...(first ? { clause: create(ClauseStartSchema, { text: "Tone.", language: "en" }) } : {}),
    },
  };
}

const bodies = (packets: readonly Packet<"av">[]) => packets.map((packet) => packet.body);
const headersOf = (stage: MemoryStage) => bodies(stage.written("av", 1)).flatMap((body) => (body.case === "header" ? [body.value] : []));
const unitsOf = (stage: MemoryStage, track: Track) =>
  bodies(stage.written("av", 1)).flatMap((body) => (body.case === "unit" && body.value.track === track ? [body.value] : []));
const reportsOf = (stage: MemoryStage) => stage.written("presented", 1).map((packet) => packet.body);
const finishedOf = (stage: MemoryStage) => reportsOf(stage).flatMap((body) => (body.case === "finished" ? [body.value] : []));

/** Each unit begins where the one before ends, within the rounding of times. */
function expectContinuous(units: readonly { ptsUs: bigint; durationUs: number }[], toleranceUs: number): void {
  for (const [index, unit] of units.slice(1).entries()) {
    const before = units[index] as { ptsUs: bigint; durationUs: number };
    expect(Math.abs(Number(unit.ptsUs - before.ptsUs) - before.durationUs)).toBeLessThanOrEqual(toleranceUs);
  }
}

describe("an unpaced presentation", () => {
  it("gives headers, keyframes and units without gaps on both tracks, a picture for every tick, and rests", async () => {
    const stage = await open({ ...small, audioCodec: AudioCodec.PCM16 });
    speak(stage, stage.owner.nextResponse(), { ms: 1000 });
    await stage.binding.idle();
    const first = (track: Track) => bodies(stage.written("av", 1)).find((body) => body.case !== "end" && body.value.track === track);
    expect(first(Track.VIDEO)).toMatchObject({ case: "header", value: { width: 128, height: 96, framesPerSecond: 25 } });
    expect(first(Track.AUDIO)).toMatchObject({ case: "header", value: { sampleRateHz: 24_000 } });
    const [pictures, sounds] = [unitsOf(stage, Track.VIDEO), unitsOf(stage, Track.AUDIO)];
    expect(pictures[0]).toMatchObject({ ptsUs: 0n, keyframe: true });
    // 400 ms before, one second, 400 ms after; a PCM unit is a tick's sound.
    expect(sounds).toHaveLength(45);
    expect(pictures).toHaveLength(sounds.length);
    expectContinuous(pictures, 0);
    expectContinuous(sounds, 0);
    expect(finishedOf(stage)).toMatchObject([
      { response: 1, complete: true, presentedUs: 1_000_000n, presentedText: "Tone.", fallbackFrames: 0 },
    ]);
    expect(stage.complaints).toEqual([]);
  });

  it("gives every unit its own time where the encoder has a delay, so that sound and picture stay together", async () => {
    for (const audioCodec of [AudioCodec.AAC, AudioCodec.OPUS]) {
      const stage = await open({ ...small, audioCodec });
      speak(stage, stage.owner.nextResponse(), { ms: 600 });
      await stage.binding.idle();
      const sounds = unitsOf(stage, Track.AUDIO);
      expect(sounds[0]?.ptsUs).toBe(0n);
      expectContinuous(sounds, 1);
      expect(Number(sounds.at(-1)?.ptsUs)).toBeLessThanOrEqual(1_420_000);
      expect(headersOf(stage).find((header) => header.track === Track.AUDIO)?.codec).toBe(
        audioCodec === AudioCodec.AAC ? "mp4a.40.2" : "opus",
      );
    }
  });

  it("runs at 16 kHz and 30 frames, with speech that comes at another rate", async () => {
    const stage = await open({ ...small, sampleRateHz: 16_000, framesPerSecond: 30, audioCodec: AudioCodec.PCM16 });
    speak(stage, stage.owner.nextResponse(), { ms: 1000, framesPerSecond: 30 });
    await stage.binding.idle();
    const [pictures, sounds] = [unitsOf(stage, Track.VIDEO), unitsOf(stage, Track.AUDIO)];
    expect(pictures).toHaveLength(54);
    expectContinuous(sounds, 1);
    const bytes = sounds.reduce((sum, unit) => sum + unit.data.byteLength, 0);
    expect(bytes / 2).toBe((54 * 16_000) / 30);
    expect(Number(pictures.at(-1)?.ptsUs)).toBeCloseTo((53 * 1e6) / 30, -2);
    expect(finishedOf(stage)).toMatchObject([{ complete: true, presentedUs: 1_000_000n, fallbackFrames: 0 }]);
  });

  it("of voice only gives no picture", async () => {
    const stage = await open({ width: 0, height: 0, pacing: Pacing.UNPACED });
    speak(stage, stage.owner.nextResponse(), { ms: 400 });
    await stage.binding.idle();
    expect(unitsOf(stage, Track.VIDEO)).toEqual([]);
    expect(headersOf(stage).map((header) => header.track)).toEqual([Track.AUDIO]);
    expect(Number(unitsOf(stage, Track.AUDIO).at(-1)?.ptsUs)).toBeGreaterThan(1_100_000);
  });

  it("goes on at the position it was opened at", async () => {
    const stage = await open({ ...small, startPtsUs: 5_000_000n, audioCodec: AudioCodec.PCM16 });
    speak(stage, stage.owner.nextResponse(), { ms: 200 });
    await stage.binding.idle();
    expect(unitsOf(stage, Track.VIDEO)[0]?.ptsUs).toBe(5_000_000n);
    expect(finishedOf(stage)).toMatchObject([{ sessionPtsUs: 5_600_000n, presentedUs: 200_000n }]);
  });

  it("reports why a response ended early", async () => {
    const stage = await open({ ...small, captions: false });
    const number = stage.owner.nextResponse();
    stage.send("speech", number, { case: "header", value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz: 24_000 } });
    stage.send("speech", number, chunk(new Int16Array(4800), 0, 200));
    stage.end("speech", number, { reason: "BACKEND_FAILED" });
    stage.end("motion", number);
    await stage.binding.idle();
    expect(finishedOf(stage)).toMatchObject([{ complete: false, presentedUs: 200_000n, error: { reason: "BACKEND_FAILED" } }]);
  });

  it.each([
    ["without a header", 0],
    ["at a rate nobody speaks at", 1],
  ])("refuses speech %s and goes on", async (_, sampleRateHz) => {
    const stage = await open({ width: 0, height: 0, pacing: Pacing.UNPACED });
    const hostile = stage.owner.nextResponse();
    if (sampleRateHz > 0)
      stage.send("speech", hostile, { case: "header", value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz } });
    stage.send("speech", hostile, chunk(new Int16Array(480), 0, 20));
    stage.end("speech", hostile);
    stage.end("motion", hostile);
    speak(stage, stage.owner.nextResponse(), { ms: 200 });
    await stage.binding.idle();
    expect(finishedOf(stage)).toMatchObject([
      { response: 1, complete: false, error: { reason: "INVALID_REQUEST" } },
      { response: 2, complete: true },
    ]);
  });

  it("is idle again when its only response is cancelled before its sound came", async () => {
    const stage = await open(small);
    const number = stage.owner.nextResponse();
    stage.send("speech", number, { case: "header", value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz: 24_000 } });
    stage.owner.cancelOnly(number);
    await stage.binding.idle();
    expect(finishedOf(stage).every((report) => !report.complete)).toBe(true);
  });

  it("does not wait for what is owed once it is closed", async () => {
    const stage = await open(small);
    stage.send("speech", stage.owner.nextResponse(), {
      case: "header",
      value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz: 24_000 },
    });
    const idle = stage.binding.idle();
    await stage.binding.close();
    await idle;
  });

  it("ends its reports with an error when drawing fails", async () => {
    const broken: Renderer = {
      ...renderer,
      draw: () => {
        throw new Error("no paint");
      },
    };
    const stage = await openMemoryStage(
      compositorStage({ loadRenderer: async () => broken, createSurface: createNodeSurface, label: "AI" }),
      {
        settings: { case: "presentation", value: create(PresentationSettingsSchema, small) },
      },
    );
    expect((await stage.ended("presented", 1)).at(-1)?.body).toMatchObject({
      case: "end",
      value: { error: { reason: "INTERNAL", stage: "compositor" } },
    });
    await stage.binding.idle();
    await stage[Symbol.asyncDispose]();
  });
});

describe("a live presentation", () => {
  const live: Settings = { ...small, pacing: Pacing.LIVE, audioCodec: AudioCodec.PCM16 };
  /** Lets time pass tick by tick, each until its picture is encoded. */
  async function pass(clock: ReturnType<typeof createManualClock>, stage: MemoryStage, ticks: number): Promise<void> {
    for (let tick = 0; tick < ticks; tick++) {
      await clock.advance(40);
      await until("the picture is encoded", () => unitsOf(stage, Track.VIDEO).length === unitsOf(stage, Track.AUDIO).length);
    }
  }

  it("makes a tick each 40 ms of the clock, whether or not anybody speaks", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    await pass(clock, stage, 25);
    expect(unitsOf(stage, Track.AUDIO)).toHaveLength(26);
    expect(reportsOf(stage)).toMatchObject([{ case: "session", value: { sessionPtsUs: 960_000n } }]);
  });

  it("sets its clock anew after a long stop instead of catching up", async () => {
    const clock = createManualClock();
    let stoppedMs = 0;
    const stage = await open({ ...live, width: 0, height: 0 }, { ...clock, nowMs: () => clock.nowMs() + stoppedMs });
    await clock.advance(400);
    const before = unitsOf(stage, Track.AUDIO).length;
    stoppedMs = 5000;
    await clock.advance(400);
    expect(unitsOf(stage, Track.AUDIO).length - before).toBeLessThan(15);
    expectContinuous(unitsOf(stage, Track.AUDIO), 0);
    expect(stage.complaints).toMatchObject([{ stage: "compositor" }]);
  });

  it("catches up with the sound of ticks that came late, and leaves their pictures out", async () => {
    const clock = createManualClock();
    let stoppedMs = 0;
    const stage = await open(live, { ...clock, nowMs: () => clock.nowMs() + stoppedMs });
    await pass(clock, stage, 5);
    stoppedMs = 320;
    await clock.advance(40);
    await until("the pictures are encoded", () => unitsOf(stage, Track.VIDEO).length >= 8);
    expect(unitsOf(stage, Track.AUDIO)).toHaveLength(15);
    expectContinuous(unitsOf(stage, Track.AUDIO), 0);
    expect(unitsOf(stage, Track.VIDEO).length).toBeLessThan(12);
  });

  it("is idle when the last response has left, though its clock runs on", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    speak(stage, stage.owner.nextResponse(), { ms: 400 });
    let idle = false;
    const waiting = stage.binding.idle().then(() => {
      idle = true;
    });
    await clock.advance(300);
    expect(idle).toBe(false);
    await clock.advance(300);
    await waiting;
    expect(finishedOf(stage)).toMatchObject([{ complete: true }]);
  });

  it("keeps giving each picture at once after its bit rate was changed, from a keyframe on", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    await pass(clock, stage, 5);
    const before = unitsOf(stage, Track.VIDEO).length;
    stage.binding.feedback(create(AvFeedbackPacketSchema, { videoBitrateBps: 300_000 }));
    await pass(clock, stage, 5);
    expect(unitsOf(stage, Track.VIDEO)[before]?.keyframe).toBe(true);
  });

  it("gives a keyframe when asked for one", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    await pass(clock, stage, 4);
    const before = unitsOf(stage, Track.VIDEO).length;
    stage.binding.feedback(create(AvFeedbackPacketSchema, { keyframe: true }));
    await pass(clock, stage, 1);
    expect(unitsOf(stage, Track.VIDEO)[before]?.keyframe).toBe(true);
  });
});

describe("settings of a presentation", () => {
  it.each<[string, Settings]>([
    ["an odd width", { width: 511, height: 512 }],
    ["a tiny picture", { width: 32, height: 512 }],
    ["too large a picture", { width: 512, height: 2160 }],
    ["24 frames a second", { width: 512, height: 512, framesPerSecond: 24 }],
    ["44.1 kHz", { width: 512, height: 512, sampleRateHz: 44_100 }],
    ["a label of signs alone", { width: 512, height: 512, label: "..." }],
    ["a label longer than the picture", { width: 512, height: 512, label: "generated ".repeat(20) }],
  ])("are refused for %s", async (_, settings) => {
    await expect(open({ pacing: Pacing.UNPACED, ...settings })).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
  });

  it("cannot take the label away", async () => {
    const canvas = createCanvas(128, 96);
    const surfaces = () => ({ context: canvas.getContext("2d"), read: () => canvas.data() });
    for (const label of ["", " ", "\n \t"]) {
      const stage = await openMemoryStage(
        compositorStage({
          loadRenderer: async () => ({ ...renderer, draw: () => undefined }),
          createSurface: surfaces,
          label: "AI-generated",
        }),
        {
          settings: { case: "presentation", value: create(PresentationSettingsSchema, { ...small, label }) },
        },
      );
      await stage.binding.idle();
      await stage[Symbol.asyncDispose]();
      expect(canvas.data().some((value) => value > 200)).toBe(true);
      canvas.getContext("2d").clearRect(0, 0, 128, 96);
    }
  });
});
