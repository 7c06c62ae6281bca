import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { pcm16ToBytes } from "@troupe/audio";
import type { Renderer } from "@troupe/avatar";
import { ClauseStartSchema, Pacing, PresentationSettingsSchema, Track } from "@troupe/contracts";
import type { EdgeBody, Packet } from "@troupe/stage";
import { type ManualClock, type MemoryStage, openMemoryStage, until } from "@troupe/testkit";
import { blendShapeNames, type Clock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { expect, onTestFinished } from "vitest";
import { createNodeSurface } from "../canvas/node-canvas.ts";
import { createCompositorMetrics } from "../metrics.ts";
import { compositorStage } from "../stage.ts";

export type Settings = MessageInitShape<typeof PresentationSettingsSchema>;

export const small: Settings = { width: 128, height: 96, pacing: Pacing.UNPACED, captions: true };

/** A disc that opens with the jaw. */
export const renderer: Renderer = {
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

export async function open(settings: Settings, clock?: Clock): Promise<MemoryStage> {
  const stage = compositorStage({
    loadRenderer: async () => renderer,
    createSurface: createNodeSurface,
    label: "AI-generated",
    metrics: createCompositorMetrics(new Registry()),
  });
  const value = create(PresentationSettingsSchema, settings);
  const opened = await openMemoryStage(stage, { settings: { case: "presentation", value }, ...(clock ? { clock } : {}) });
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}

export interface Said {
  readonly ms: number;
  readonly sampleRateHz?: number;
  readonly framesPerSecond?: number;
}

/** A tone with one word, and motion for it, as tts and face send them. */
export function speak(stage: MemoryStage, number: number, { ms, sampleRateHz = 24_000, framesPerSecond = 25 }: Said): void {
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

export function chunk(samples: Int16Array, ptsUs: number, endMs: number): EdgeBody<"speech"> {
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

export const bodies = (packets: readonly Packet<"av">[]) => packets.map((packet) => packet.body);
export const headersOf = (stage: MemoryStage) =>
  bodies(stage.written("av", 1)).flatMap((body) => (body.case === "header" ? [body.value] : []));
export const unitsOf = (stage: MemoryStage, track: Track) =>
  bodies(stage.written("av", 1)).flatMap((body) => (body.case === "unit" && body.value.track === track ? [body.value] : []));
export const reportsOf = (stage: MemoryStage) => stage.written("presented", 1).map((packet) => packet.body);
export const finishedOf = (stage: MemoryStage) => reportsOf(stage).flatMap((body) => (body.case === "finished" ? [body.value] : []));

/** Each unit begins where the one before ends, within the rounding of times. */
export function expectContinuous(units: readonly { ptsUs: bigint; durationUs: number }[], toleranceUs: number): void {
  for (const [index, unit] of units.slice(1).entries()) {
    const before = units[index] as { ptsUs: bigint; durationUs: number };
    expect(Math.abs(Number(unit.ptsUs - before.ptsUs) - before.durationUs)).toBeLessThanOrEqual(toleranceUs);
  }
}

/** Lets time pass tick by tick, each until its picture is encoded. */
export async function pass(clock: ManualClock, stage: MemoryStage, ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) {
    await clock.advance(40);
    await until("the picture is encoded", () => unitsOf(stage, Track.VIDEO).length === unitsOf(stage, Track.AUDIO).length);
  }
}
