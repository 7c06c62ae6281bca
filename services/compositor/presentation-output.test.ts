import { decodePose } from "@troupe/avatar";
import { type AccessUnit, AudioCodec, Pacing, Track, type TrackHeader, VideoCodec } from "@troupe/contracts";
import { createManualClock, type MemoryStage, until } from "@troupe/testkit";
import { describe, expect, it } from "vitest";
import {
  bodies,
  expectContinuous,
  headersOf,
  open,
  pass,
  reportsOf,
  type Settings,
  small,
  speak,
  unitsOf,
} from "./testing/presented-session.ts";

const live: Settings = { ...small, pacing: Pacing.LIVE, audioCodec: AudioCodec.PCM16 };
const output = {
  width: 128,
  height: 96,
  framesPerSecond: 25,
  videoBitrateBps: 300_000,
  motion: false,
  captions: false,
  audioCodec: AudioCodec.PCM16,
  videoCodec: VideoCodec.H264_HIGH,
};

const startOf = (stage: MemoryStage, response: number) =>
  reportsOf(stage).flatMap((body) =>
    body.case === "started" && body.value.response === response ? [Number(body.value.sessionPtsUs)] : [],
  )[0];

describe("units of sound", () => {
  it.each([
    ["PCM", AudioCodec.PCM16],
    ["AAC", AudioCodec.AAC],
    ["Opus", AudioCodec.OPUS],
  ])("as %s tell which response is heard at their first sample, and where in it", async (_, audioCodec) => {
    const stage = await open({ width: 0, height: 0, motion: true, pacing: Pacing.UNPACED, audioCodec });
    for (const ms of [610, 330]) speak(stage, stage.owner.nextResponse(), { ms });
    await stage.binding.idle();
    const starts = [startOf(stage, 1) as number, startOf(stage, 2) as number];
    const spans = [610, 330].map((ms, index) => [starts[index] as number, (starts[index] as number) + ms * 1000] as const);
    for (const unit of unitsOf(stage, Track.AUDIO)) {
      const ptsUs = Number(unit.ptsUs);
      const index = spans.findIndex(([from, to]) => ptsUs > from - 20 && ptsUs < to - 20);
      expect(unit.response).toBe(index + 1);
      const withinUs = index < 0 ? 0 : ptsUs - (spans[index]?.[0] ?? 0);
      // Times are rounded to samples, 42 us apart.
      expect(Math.abs(Number(unit.responsePtsUs) - withinUs)).toBeLessThanOrEqual(audioCodec === AudioCodec.PCM16 ? 0 : 42);
    }
    expect(unitsOf(stage, Track.AUDIO).filter((unit) => unit.response === 2).length).toBeGreaterThan(5);
  });
});

describe("a change of the output", () => {
  it("brings another size and frame rate from a keyframe on, and the sound goes on", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    speak(stage, stage.owner.nextResponse(), { ms: 900 });
    await pass(clock, stage, 5);
    stage.owner.setOutput({ ...output, width: 64, height: 80, framesPerSecond: 15 });
    const before = bodies(stage.written("av", 1)).length;
    for (let tick = 0; tick < 20; tick++) {
      await clock.advance(67);
      await until("the picture is encoded", () => unitsOf(stage, Track.VIDEO).length === unitsOf(stage, Track.AUDIO).length);
    }
    const after = bodies(stage.written("av", 1)).slice(before);
    const video = after.filter((body) => body.case !== "end" && body.value.track === Track.VIDEO);
    expect(video[0]).toMatchObject({ case: "header", value: { revision: 1, width: 64, height: 80, framesPerSecond: 15 } });
    expect(video[1]).toMatchObject({ case: "unit", value: { keyframe: true } });
    expect(after.find((body) => body.case !== "end" && body.value.track === Track.AUDIO)).toMatchObject({ value: { revision: 1 } });
    expectContinuous(unitsOf(stage, Track.AUDIO), 1);
    expect(unitsOf(stage, Track.AUDIO).at(-1)?.durationUs).toBeCloseTo(66_667, -2);
    const heard = unitsOf(stage, Track.AUDIO).filter((unit) => unit.response === 1);
    for (const [index, unit] of heard.slice(1).entries()) {
      const before = heard[index] as AccessUnit;
      expect(Math.abs(Number(unit.responsePtsUs - before.responsePtsUs) - before.durationUs)).toBeLessThanOrEqual(1);
    }
  });

  it("turns the picture off and on again, and sends motion meanwhile", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    await pass(clock, stage, 3);
    stage.owner.setOutput({ ...output, width: 0, height: 0, motion: true });
    await clock.advance(1);
    const pictures = unitsOf(stage, Track.VIDEO).length;
    await clock.advance(400);
    expect(unitsOf(stage, Track.VIDEO)).toHaveLength(pictures);
    expect(headersOf(stage).find(({ track }) => track === Track.MOTION)).toMatchObject({
      codec: "troupe-pose",
      framesPerSecond: 25,
      revision: 1,
    });
    const motion = unitsOf(stage, Track.MOTION);
    expect(motion).toHaveLength(10);
    expectContinuous(motion, 0);
    expect(new Set(motion.map(({ data }) => decodePose(data).head.yaw)).size).toBe(10);
    stage.owner.setOutput(output);
    await clock.advance(1);
    await clock.advance(400);
    await until("pictures come again", () => unitsOf(stage, Track.VIDEO).length > pictures);
    expect(unitsOf(stage, Track.MOTION)).toHaveLength(10);
    expect(unitsOf(stage, Track.VIDEO)[pictures]?.keyframe).toBe(true);
  });

  it("to another encoding of the sound loses none of it: the old one's units leave first", async () => {
    const clock = createManualClock();
    const stage = await open({ ...live, width: 0, height: 0, motion: true, audioCodec: AudioCodec.AAC }, clock);
    for (const audioCodec of [AudioCodec.OPUS, AudioCodec.PCM16, AudioCodec.AAC]) {
      await clock.advance(400);
      const { revision } = stage.owner.setOutput({ ...output, width: 0, height: 0, motion: true, audioCodec });
      await clock.advance(200);
      await until("the new encoding is there", () =>
        headersOf(stage).some((header) => header.track === Track.AUDIO && header.revision === revision),
      );
    }
    await clock.advance(400);
    const sound = bodies(stage.written("av", 1)).flatMap((body) => (body.case !== "end" && body.value.track === Track.AUDIO ? [body] : []));
    const headers = sound.flatMap((body) => (body.case === "header" ? [body.value as TrackHeader] : []));
    expect(headers.map(({ codec }) => codec)).toEqual(["mp4a.40.2", "opus", "pcm-s16", "mp4a.40.2"]);
    const units = sound.flatMap((body) => (body.case === "unit" ? [body.value as AccessUnit] : []));
    // The first unit of an encoding may begin before the last one of the encoding before it ends, never after.
    for (const [index, unit] of units.slice(1).entries()) {
      const endUs = Number(units[index]?.ptsUs) + (units[index]?.durationUs ?? 0);
      expect(Number(unit.ptsUs) - endUs).toBeLessThanOrEqual(1);
      expect(Number(unit.ptsUs)).toBeGreaterThan(Number(units[index]?.ptsUs));
    }
  });

  it("that cannot be made leaves the output as it is", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    stage.owner.setOutput({ ...output, width: 65 });
    await pass(clock, stage, 3);
    expect(stage.complaints).toMatchObject([{ reason: "INVALID_REQUEST", revision: 1 }]);
    expect(headersOf(stage).map(({ revision }) => revision)).toEqual([0, 0]);
    stage.owner.setOutput(output);
    await pass(clock, stage, 3);
    const video = bodies(stage.written("av", 1)).filter((body) => body.case !== "end" && body.value.track === Track.VIDEO);
    const at = video.findIndex((body) => body.case === "header" && body.value.revision === 2);
    expect(video[at + 1]).toMatchObject({ case: "unit", value: { keyframe: true } });
    expect(video[at - 1]).toMatchObject({ case: "unit", value: { keyframe: false } });
  });
});

describe("a session without picture and motion", () => {
  /** When sound is heard, in ticks. */
  const loudTicks = (stage: MemoryStage) =>
    unitsOf(stage, Track.AUDIO).flatMap((unit, tick) => {
      const samples = new Int16Array(unit.data.slice().buffer);
      return samples.some((sample) => Math.abs(sample) > 1000) ? [tick] : [];
    });

  it("says once at its start, by two tones, that the voice is generated", async () => {
    const clock = createManualClock();
    const stage = await open({ ...live, width: 0, height: 0 }, clock);
    await clock.advance(2000);
    expect(loudTicks(stage)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(unitsOf(stage, Track.AUDIO).every((unit) => unit.response === 0)).toBe(true);
  });

  it("that had one says so when it is gone", async () => {
    const clock = createManualClock();
    const stage = await open(live, clock);
    await pass(clock, stage, 4);
    expect(loudTicks(stage)).toEqual([]);
    stage.owner.setOutput({ ...output, width: 0, height: 0 });
    await clock.advance(1);
    await clock.advance(800);
    expect(loudTicks(stage)).toEqual([5, 6, 7, 8, 9, 10, 11]);
  });

  it("that only goes on elsewhere does not say it again", async () => {
    const clock = createManualClock();
    const stage = await open({ ...live, width: 0, height: 0, startPtsUs: 4_000_000n }, clock);
    await clock.advance(1000);
    expect(loudTicks(stage)).toEqual([]);
  });
});
