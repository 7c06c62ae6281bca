import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { create } from "@bufbuild/protobuf";
import {
  type AccessUnit,
  AudioCodec,
  Pacing,
  PresentationSettingsSchema,
  SessionContextSchema,
  StageOpenSchema,
  Track,
} from "@troupe/contracts";
import { OwnerState } from "@troupe/session";
import { createStageMetrics, StageBinding } from "@troupe/stage";
import { createManualClock, until } from "@troupe/testkit";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { createCompositorMetrics } from "./metrics.ts";
import { compositorStage } from "./stage.ts";
import { chunk, open, pass, renderer, reportsOf, small, unitsOf } from "./testing/presented-session.ts";

const sampleRateHz = 24_000;

/** A live session without picture whose packets are counted and thrown away, on a clock of its own. */
async function openLong() {
  const clock = createManualClock();
  const seen = { samples: 0, nextPtsUs: 0, worstGapUs: 0, poses: 0, finished: 0 };
  const take = ({ track, ptsUs, data }: AccessUnit) => {
    if (track === Track.MOTION) seen.poses++;
    if (track !== Track.AUDIO) return;
    seen.worstGapUs = Math.max(seen.worstGapUs, Math.abs(Number(ptsUs) - seen.nextPtsUs));
    seen.samples += data.byteLength / 2;
    seen.nextPtsUs = (seen.samples / sampleRateHz) * 1e6;
  };
  const value = create(PresentationSettingsSchema, { pacing: Pacing.LIVE, audioCodec: AudioCodec.PCM16, motion: true });
  const message = create(StageOpenSchema, {
    context: create(SessionContextSchema, { site: "local", tenant: "demo", session: "one", owner: "test", avatar: "pico", seed: 7 }),
    epoch: 1,
    fromNumber: 1,
    settings: { case: "presentation", value },
  });
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const metrics = createCompositorMetrics(new Registry());
  const binding = await StageBinding.create(message, {
    stage: compositorStage({ loadRenderer: async () => renderer, createSurface: () => expect.unreachable(), label: "AI", metrics }),
    clock,
    logger: silent,
    metrics: createStageMetrics(new Registry()),
    transport: {
      credit: false,
      send(_, { body }) {
        if (body.case === "unit") take(body.value as AccessUnit);
        if (body.case === "finished") seen.finished++;
      },
    },
  });
  return { clock, binding, owner: new OwnerState((state) => binding.merge(state)), seen };
}

function say({ binding, owner }: Awaited<ReturnType<typeof openLong>>, seconds: number): number {
  const number = owner.nextResponse();
  const header = { case: "header", value: { $typeName: "troupe.speech.v1.SpeechHeader", sampleRateHz } } as const;
  binding.accept("speech", { epoch: 1, number, seq: 0, body: header }, {});
  const sound = new Int16Array(sampleRateHz / 2).fill(500);
  for (let half = 0; half < seconds * 2; half++)
    binding.accept("speech", { epoch: 1, number, seq: half + 1, body: chunk(sound, half * 500_000, seconds * 1000) }, {});
  const count = seconds * 2 + 1;
  binding.accept(
    "speech",
    { epoch: 1, number, seq: count, body: { case: "end", value: { $typeName: "troupe.session.v1.StreamEnd", count } } },
    {},
  );
  const none = { case: "end", value: { $typeName: "troupe.session.v1.StreamEnd", count: 0 } } as const;
  binding.accept("motion", { epoch: 1, number, seq: 0, body: none }, {});
  return number;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What is in use once everything unused is gone. */
function memoryMb(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

/** A response; each fifth is held after three seconds, and goes on or not. */
async function passTwentySeconds(session: Awaited<ReturnType<typeof openLong>>, seconds: number): Promise<void> {
  const { clock, owner } = session;
  const number = say(session, seconds);
  await clock.advance(3000);
  if (number % 5 === 0) owner.hold(number);
  await clock.advance(700);
  if (number % 10 === 0) owner.release(number);
  else if (number % 5 === 0) owner.cancelOnly(number);
  await clock.advance(16_300);
  owner.over(number);
}

describe("half an hour of presentation", () => {
  // Budget: 60 s; thirty minutes of frames.
  it("emits exactly as much sound as time has passed, with a pose each frame, and keeps nothing of what is over", async () => {
    const session = await openLong();
    const { clock, seen } = session;
    const keptMb: number[] = [];
    for (let minute = 0; minute < 30; minute++) {
      for (const seconds of [8, 5, 11]) await passTwentySeconds(session, seconds);
      if (minute % 2 === 1) keptMb.push(memoryMb());
    }
    expect(clock.nowMs()).toBe(30 * 60_000);
    // The tick that begins now is there already.
    expect(seen.samples).toBe(30 * 60 * sampleRateHz + sampleRateHz / 25);
    expect(seen.poses).toBe(30 * 60 * 25 + 1);
    expect(seen.worstGapUs).toBeLessThanOrEqual(1);
    expect(seen.finished).toBe(90);
    // A minute's responses bring more than a megabyte of sound; what is thrown away may lie about for a while.
    expect(Math.min(...keptMb.slice(8)) - Math.min(...keptMb.slice(0, 8))).toBeLessThan(5);
    await session.binding.close();
  }, 60_000);
});

describe("a live clock", () => {
  it("does not add up the errors of its timers", async () => {
    const clock = createManualClock();
    // Every sleep ends 3.7 ms late.
    const late = { ...clock, sleep: (delayMs: number, signal?: AbortSignal) => clock.sleep(delayMs + 3.7, signal) };
    const stage = await open({ ...small, width: 0, height: 0, motion: true, pacing: Pacing.LIVE, audioCodec: AudioCodec.PCM16 }, late);
    await clock.advance(120_000);
    const emittedMs = unitsOf(stage, Track.AUDIO).length * 40;
    expect(Math.abs(emittedMs - 120_000)).toBeLessThanOrEqual(40);
  });

  it("reports each second how many frames were left out and how late the worst tick was", async () => {
    const clock = createManualClock();
    let stoppedMs = 0;
    const stage = await open(
      { ...small, pacing: Pacing.LIVE, audioCodec: AudioCodec.PCM16 },
      { ...clock, nowMs: () => clock.nowMs() + stoppedMs },
    );
    await pass(clock, stage, 5);
    stoppedMs = 300;
    await until(
      "the first report",
      () => reportsOf(stage).some((body) => body.case === "health"),
      async () => {
        await clock.advance(40);
        const drawn = () => unitsOf(stage, Track.AUDIO).length - unitsOf(stage, Track.VIDEO).length <= 8;
        await until("what is not too late is drawn", drawn);
      },
    );
    const [first] = reportsOf(stage).flatMap((body) => (body.case === "health" ? [body.value] : []));
    expect(first?.dueFrames).toBe(25);
    // Of the ticks that were missed, the last one is not too late for its picture; an encoder that is slow just then leaves out one more.
    expect(first?.droppedFrames).toBeGreaterThanOrEqual(7);
    expect(first?.droppedFrames).toBeLessThanOrEqual(8);
    expect(first?.worstLatenessUs).toBeGreaterThanOrEqual(260_000);
    expect(first?.worstLatenessUs).toBeLessThanOrEqual(300_000);
  });
});
