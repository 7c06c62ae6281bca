import { type BlendShapeName, blendShapeIndex } from "@troupe/timeline";
import { describe, expect, it } from "vitest";
import type { Delivery, MotionFrame } from "../backend.ts";
import { animate, describeFaceBackend, describeGaps } from "../conformance.ts";
import { chunksOf, delayed, hum, type SyntheticSpeech } from "../synthetic-speech.ts";
import { topSpeedPerS } from "./articulation.ts";
import { lipGap } from "./face-weights.ts";
import { createPhonesBackend } from "./phones.ts";

describeFaceBackend("phones", async () => createPhonesBackend());
describeGaps("phones", async () => createPhonesBackend());

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

  it("rounds the lips for what comes, before it sounds", async () => {
    const speech = (vowel: string) => hum(`_ s t ${vowel} ${vowel} ${vowel} ${vowel}`, 60);
    const atT = (frames: readonly MotionFrame[]) => weight(frameAt(frames, 2.4 * 60_000), "mouthPucker");
    expect(atT(await play(speech("u")))).toBeGreaterThan(0.1);
    expect(atT(await play(speech("i")))).toBeLessThan(0.01);
  });

  it("moves no part of the mouth faster than it can: no jump from frame to frame beyond the top speed", async () => {
    const speech = hum("_ p ɑ b i m u p æ w i ʃ ɑ f ɔ p ɑ u i ɑ y a m a", 50);
    for (const framesPerSecond of [25, 30]) {
      const frames = await play(speech, framesPerSecond);
      const jumps = (name: BlendShapeName) =>
        frames.slice(1, -4).map((frame, n) => Math.abs(weight(frame, name) - weight(frames[n] as MotionFrame, name)));
      // mouthClose and a closing jaw follow the lips' contact, which is quicker than the jaw alone.
      expect(Math.max(...jumps("jawOpen"))).toBeLessThan(0.45);
      for (const name of ["mouthPucker", "mouthFunnel", "mouthStretchLeft"] as const)
        expect(Math.max(...jumps(name)), name).toBeLessThan(topSpeedPerS.other / framesPerSecond + 1e-6);
    }
    const slow = await play(hum("ɑ ɑ k ɑ ɑ i i u u ɑ ɑ k ɑ ɑ", 90));
    const jaw = slow.slice(1, -4).map((frame, n) => Math.abs(weight(frame, "jawOpen") - weight(slow[n] as MotionFrame, "jawOpen")));
    expect(Math.max(...jaw)).toBeLessThan(topSpeedPerS.jaw / 25);
  });

  it("smiles and livens up as the clause is said, and closes the lips all the same", async () => {
    const speech = hum(`${"m ɑ b ɑ n ɑ p ɑ ".repeat(6)}_ _`, 80);
    const said = async (delivery: Delivery) => {
      const chunks = chunksOf(speech, [4_800])
        .toArray()
        .map((chunk, n) => (n === 0 ? { ...chunk, delivery } : chunk));
      const frames = await animate(createPhonesBackend(), chunks, 25);
      for (const phone of speech.phones.filter(({ symbol }) => "mbp".includes(symbol || "-")))
        expect(lipGap(frameAt(frames, (phone.startUs + phone.endUs) / 2).weights), delivery).toBeLessThan(1e-6);
      const spoken = frames.slice(5, -5);
      const mean = (of: (frame: MotionFrame) => number) => spoken.reduce((sum, frame) => sum + of(frame), 0) / spoken.length;
      return {
        smile: mean((frame) => weight(frame, "mouthSmileLeft")),
        brow: mean((frame) => weight(frame, "browOuterUpLeft")),
        eyes: mean((frame) => weight(frame, "eyeWideLeft")),
        nod: Math.max(...spoken.map(({ head }) => Math.abs(head.pitch))),
      };
    };
    const [neutral, gentle, excited] = [await said("neutral"), await said("gentle"), await said("excited")];
    expect(gentle.smile).toBeGreaterThan(neutral.smile + 0.05);
    expect(excited.smile).toBeGreaterThan(neutral.smile + 0.05);
    expect(gentle.nod).toBeLessThan(neutral.nod);
    expect(excited.nod).toBeGreaterThan(neutral.nod);
    expect(excited.brow).toBeGreaterThan(neutral.brow + 0.1);
    expect([neutral.eyes, gentle.eyes]).toEqual([0, 0]);
    expect(excited.eyes).toBeGreaterThan(0.1);
  });

  it("changes its expression where another clause begins, gradually", async () => {
    const speech = hum("n ɑ ".repeat(20).trim(), 80);
    const chunks = chunksOf(speech, [4_800])
      .toArray()
      .map((chunk, n) => (n === 8 ? { ...chunk, delivery: "excited" as const } : chunk));
    const eyes = (await animate(createPhonesBackend(), chunks, 25)).map((frame) => weight(frame, "eyeWideLeft"));
    expect(Math.max(...eyes.slice(0, 40))).toBe(0);
    expect(eyes[41]).toBeGreaterThan(0);
    expect(eyes[41]).toBeLessThan(0.05);
    expect(eyes[60]).toBeGreaterThan(0.1);
  });

  it("nods at a vowel that is higher than those before it", async () => {
    const speech = hum("n ɑ n ɑ n ɑ n ɑ n ɑ n ɑ", 120);
    const from = 9 * 120 * 24;
    const raised = Int16Array.from(speech.samples, (sample, n) =>
      n >= from && n < from + 120 * 24 ? Math.round(6_000 * Math.sin((2 * Math.PI * 230 * n) / speech.sampleRateHz)) : sample,
    );
    const nodAt = async (samples: Int16Array) => frameAt(await play({ ...speech, samples }), (9 * 120 + 150) * 1000).head.pitch;
    expect(await nodAt(raised)).toBeLessThan((await nodAt(speech.samples)) - 0.01);
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
