import { create } from "@bufbuild/protobuf";
import { createCanvas } from "@napi-rs/canvas";
import type { Renderer } from "@troupe/avatar";
import { AudioCodec, AvFeedbackPacketSchema, Pacing, PresentationSettingsSchema, Track } from "@troupe/contracts";
import { createManualClock, openMemoryStage, until } from "@troupe/testkit";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { createNodeSurface } from "./canvas/node-canvas.ts";
import { createCompositorMetrics } from "./metrics.ts";
import { compositorStage } from "./stage.ts";
import {
  bodies,
  chunk,
  expectContinuous,
  finishedOf,
  headersOf,
  open,
  pass,
  renderer,
  reportsOf,
  type Settings,
  small,
  speak,
  unitsOf,
} from "./testing/presented-session.ts";

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
      // What would sound before the session began is left out.
      expect(sounds[0]?.ptsUs).toBe(audioCodec === AudioCodec.AAC ? 0n : 13_500n);
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
      compositorStage({
        loadRenderer: async () => broken,
        createSurface: createNodeSurface,
        label: "AI",
        metrics: createCompositorMetrics(new Registry()),
      }),
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
  it("makes a tick each 40 ms of the clock, whether or not anybody speaks", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    await pass(clock, stage, 25);
    expect(unitsOf(stage, Track.AUDIO)).toHaveLength(26);
    expect(reportsOf(stage)).toMatchObject([
      { case: "session", value: { sessionPtsUs: 960_000n } },
      { case: "health", value: { dueFrames: 25, droppedFrames: 0, worstLatenessUs: 0 } },
    ]);
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

  it("keeps giving each picture at once after its bit rate was changed", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    await pass(clock, stage, 5);
    stage.binding.feedback(create(AvFeedbackPacketSchema, { videoBitrateBps: 300_000 }));
    await pass(clock, stage, 5);
    expect(unitsOf(stage, Track.VIDEO)).toHaveLength(11);
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
          metrics: createCompositorMetrics(new Registry()),
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
