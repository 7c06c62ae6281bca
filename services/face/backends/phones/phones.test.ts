import { type BlendShapeName, blendShapeIndex } from "@troupe/timeline";
import { describe, expect, it } from "vitest";
import type { MotionFrame } from "../backend.ts";
import { animate, describeFaceBackend } from "../conformance.ts";
import { chunksOf, delayed, hum, type SyntheticSpeech } from "../synthetic-speech.ts";
import { lipGap } from "./face-weights.ts";
import { createPhonesBackend } from "./phones.ts";

describeFaceBackend("phones", async () => createPhonesBackend());

describe("phones backend", () => {
  const frameAt = (frames: readonly MotionFrame[], timeUs: number) => frames.findLast((frame) => frame.ptsUs <= timeUs) as MotionFrame;
  const weight = (frame: MotionFrame, name: BlendShapeName) => frame.weights[blendShapeIndex[name]] ?? 0;
  const play = (speech: SyntheticSpeech, framesPerSecond = 25) =>
    animate(createPhonesBackend(), chunksOf(speech, [4_800]), framesPerSecond);
  /** The frame that shows the centre of the phone in the middle of the utterance. */
  const centreOf = async (symbols: string, at: number, phoneMs = 90) =>
    frameAt(await play(hum(symbols, phoneMs)), (at + 0.5) * phoneMs * 1000);

  it.each(["p", "b", "m"])("closes the lips at the centre of every %s, between the widest vowels too", async (consonant) => {
    for (const phoneMs of [40, 65, 90, 150]) {
      const speech = hum(["_", ..."ɑ".repeat(12)].join(` ${consonant} `), phoneMs);
      for (const framesPerSecond of [25, 30]) {
        const frames = await play(speech, framesPerSecond);
        for (const phone of speech.phones.filter(({ symbol }) => symbol === consonant)) {
          const frame = frameAt(frames, (phone.startUs + phone.endUs) / 2);
          if (frame !== frames.at(-1)) expect(lipGap(frame.weights)).toBeLessThan(1e-6);
        }
        expect(Math.max(...frames.map((frame) => lipGap(frame.weights)))).toBeGreaterThan(phoneMs > 60 ? 0.15 : 0);
      }
    }
  });

  it("keeps the lips apart without a p, b or m", async () => {
    const frames = await play(hum("ɑ k ɑ t ɑ n ɑ k ɑ t ɑ", 90));
    for (const frame of frames.slice(1, -4)) expect(lipGap(frame.weights)).toBeGreaterThan(0.03);
  });

  it("brings the lower lip to the teeth for f and v", async () => {
    for (const symbol of ["f", "v"]) {
      const frame = await centreOf(`ɑ ɑ ${symbol} ɑ ɑ ɑ ɑ`, 2);
      expect(weight(frame, "mouthRollLower")).toBeGreaterThan(0.5);
      expect(weight(frame, "mouthUpperUpLeft")).toBeGreaterThan(0.1);
      expect(weight(frame, "jawOpen")).toBeLessThan(0.12);
    }
  });

  it("rounds for w, u and ʃ and spreads for i and s", async () => {
    for (const symbol of ["w", "u", "ʃ", "oʊ"]) {
      const rounded = await centreOf(`ə ə ${symbol} ə ə ə ə`, 2);
      expect(weight(rounded, "mouthPucker") + weight(rounded, "mouthFunnel"), symbol).toBeGreaterThan(0.4);
      expect(weight(rounded, "mouthStretchLeft"), symbol).toBeLessThan(0.1);
    }
    for (const symbol of ["i", "s"]) {
      const spread = await centreOf(`ə ə ${symbol} ə ə ə ə`, 2);
      expect(weight(spread, "mouthStretchLeft"), symbol).toBeGreaterThan(0.15);
      expect(weight(spread, "mouthPucker"), symbol).toBeLessThan(0.05);
    }
  });

  it("lets a consonant take the shape of its neighbours", async () => {
    const [rounded, spread] = [await centreOf("u u k u u u u", 2), await centreOf("i i k i i i i", 2)];
    expect(weight(rounded, "mouthPucker")).toBeGreaterThan(weight(spread, "mouthPucker") + 0.3);
    expect(weight(spread, "mouthStretchLeft")).toBeGreaterThan(weight(rounded, "mouthStretchLeft") + 0.15);
  });

  it("delays every track by what the speech is delayed", async () => {
    const speech = hum("m aɪ n eɪ m ɪ z b ɑ b _ h ə l oʊ _", 90);
    for (const framesPerSecond of [25, 30]) {
      const [now, later] = [await play(speech, framesPerSecond), await play(delayed(speech, 200), framesPerSecond)];
      const shift = framesPerSecond / 5;
      expect(later).toHaveLength(now.length + shift);
      for (const [index, frame] of now.entries()) {
        const same = later[index + shift] as MotionFrame;
        expect(distance(frame.weights, same.weights)).toBeLessThan(1e-3);
        expect(Math.abs(frame.head.pitch - same.head.pitch) + Math.abs(frame.head.yaw - same.head.yaw)).toBeLessThan(1e-5);
      }
      expect(distance((now[3] as MotionFrame).weights, (later[3] as MotionFrame).weights)).toBeGreaterThan(0.05);
    }
  });

  it("comes to rest in a pause and at the end", async () => {
    const frames = await play(hum("h ɑ n _ _ _ _ _ _ n ɑ", 90));
    const still = (frame: MotionFrame) => Math.max(...frame.weights.subarray(blendShapeIndex.jawForward, blendShapeIndex.browDownLeft));
    expect(still(frameAt(frames, 2.5 * 90_000))).toBeGreaterThan(0.05);
    expect(still(frameAt(frames, 7 * 90_000))).toBeLessThan(0.02);
    expect(frames.at(-1)?.weights.every((value) => value === 0)).toBe(true);
    expect(Object.values(frames.at(-1)?.head ?? {}).map(Math.abs)).toEqual([0, 0, 0]);
  });

  it("opens more for loud speech than for soft speech", async () => {
    const loud = hum("h ɑ h ɑ h ɑ h ɑ", 90);
    const soft = { ...loud, samples: loud.samples.map((sample) => sample / 16) };
    const widest = (frames: readonly MotionFrame[]) => Math.max(...frames.map((frame) => weight(frame, "jawOpen")));
    expect(widest(await play(loud))).toBeGreaterThan(widest(await play(soft)) * 1.1);
  });

  it("raises the brows and nods where a clause starts", async () => {
    const frames = await play(hum("h ɑ n ɑ n ɑ _ _ _ _ _ _ _ n ɑ n ɑ n", 90));
    const early = frameAt(frames, 90_000 + 140_000);
    expect(weight(early, "browInnerUp")).toBeGreaterThan(0.1);
    expect(early.head.pitch).toBeLessThan(-0.01);
    expect(weight(frameAt(frames, 12 * 90_000), "browInnerUp")).toBe(0);
    expect(weight(frameAt(frames, 14 * 90_000 + 140_000), "browInnerUp")).toBeGreaterThan(0.1);
  });

  it("follows the envelope where the voice gives no phones", async () => {
    const speech = { ...hum("ɑ ɑ ɑ _ _ _ _ ɑ ɑ ɑ", 90), phones: [] };
    const frames = await play(speech);
    expect(weight(frameAt(frames, 180_000), "jawOpen")).toBeGreaterThan(0.1);
    expect(weight(frameAt(frames, 5.5 * 90_000), "jawOpen")).toBeLessThan(0.03);
    expect(weight(frameAt(frames, 8 * 90_000), "jawOpen")).toBeGreaterThan(0.1);
  });
});

function distance(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? 0))));
}
