import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { neutralProsody } from "../../prosody/prosody.ts";
import { contextFrames, cutWindow } from "./decoder-window.ts";
import { shapePitch } from "./pitch-shaping.ts";
import { layOutSegments } from "./segments.ts";
import { featureCount, frameSamples, type RunPlan, sampleRateHz, toSamples } from "./signal-format.ts";
import { sliceLimits } from "./slice-limits.ts";
import { planSlices } from "./slice-plan.ts";
import { cutRuns, type SpeechRun } from "./speech-run.ts";

const runOf = (symbols: string): SpeechRun => {
  const wordOf = [...symbols].map((symbol, index) => (symbol === " " ? -1 : symbols.slice(0, index).split(" ").length - 1));
  return { symbols: [...symbols], wordOf, ending: "none" };
};

describe("segments", () => {
  const lay = (symbols: string, frames: readonly number[]) => layOutSegments(runOf(symbols), frames, 1);

  it("gives tones and aspiration to their phone and gaps to the next one", () => {
    const symbols = "tʰa→ ma";
    const segments = lay(symbols, [10, 2, 2, 4, 2, 1, 3, 4, 10]);
    expect(segments.map(({ symbol }) => symbol)).toEqual(["", "tʰ", "a", "m", "a", ""]);
    const frames = segments.map(({ start, end }) => Math.round((end - start) / frameSamples));
    expect(frames.slice(1, -1)).toEqual([4, 6, 4, 4]);
  });

  it("spells affricates in IPA and makes marks pauses, the end of a long one apart", () => {
    const segments = lay("ꭧʊ, ɕi", [10, 2, 3, 8, 1, 3, 4, 10]);
    expect(segments.map(({ symbol }) => symbol)).toEqual(["", "ʈʂ", "ʊ", "", "", "ɕ", "i", ""]);
  });

  it("leaves no hole and covers every frame", () => {
    const symbol = fc.constantFrom(..."tʰa→↓ ,.ˈŋꭧi");
    fc.assert(
      fc.property(
        fc.array(symbol, { minLength: 1, maxLength: 40 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 20 })),
        (symbols, stream) => {
          const frames = Array.from({ length: symbols.length + 2 }, () => stream.next().value as number);
          const segments = lay(symbols.join(""), frames);
          expect(segments[0]?.start).toBe(0);
          expect(segments.at(-1)?.end).toBe(frames.reduce((sum, count) => sum + count, 0) * frameSamples);
          for (const [index, { start }] of segments.entries()) if (index > 0) expect(start).toBe(segments[index - 1]?.end);
        },
      ),
    );
  });
});

describe("slices", () => {
  const word = "mamama";
  const text = Array.from({ length: 12 }, () => word).join(" ");
  const frames = [10, ...[...text].map((symbol) => (symbol === " " ? 1 : 4)), 10];
  const segments = layOutSegments(runOf(text), frames, 1);
  const energy = new Float32Array(2 * frames.reduce((sum, count) => sum + count, 0)).fill(5);
  const limits = { firstSamples: toSamples(600), mostSamples: toSamples(2_000) };

  it("cover the run, the first short and none over the limit", () => {
    const slices = planSlices(segments, energy, limits);
    expect(slices[0]?.from).toBe(0);
    expect(slices.at(-1)?.to).toBe(segments.length);
    for (const [index, { from }] of slices.entries()) if (index > 0) expect(from).toBe(slices[index - 1]?.to);
    const lengths = slices.map(({ from, to }) => (segments[to - 1]?.end ?? 0) - (segments[Math.max(1, from)]?.start ?? 0));
    expect(lengths[0]).toBeLessThan(toSamples(1_200));
    for (const length of lengths.slice(0, -1)) expect(length).toBeLessThanOrEqual(limits.mostSamples);
  });

  it("are cut between words where the voice is equally loud", () => {
    for (const { from } of planSlices(segments, energy, limits).slice(1)) expect(segments[from]?.word).not.toBe(segments[from - 1]?.word);
  });

  it("grow with the speed of the machine, between bounds", () => {
    const [fast, slow, slower] = [sliceLimits(2), sliceLimits(15), sliceLimits(500)];
    expect(fast.mostSamples).toBeGreaterThan(slow.mostSamples);
    expect(slow.mostSamples).toBeGreaterThan(slower.mostSamples);
    expect(slower.mostSamples).toBe(sampleRateHz);
  });
});

describe("decoder windows", () => {
  const frames = 80;
  const plan: RunPlan = {
    frames,
    durations: new Float32Array(),
    features: Float32Array.from({ length: featureCount * frames }, (_, index) => index),
    pitchHz: Float32Array.from({ length: 2 * frames }, (_, index) => 200 + index / 3),
    energy: new Float32Array(2 * frames),
  };
  const cycles = (pitchHz: Float32Array) => pitchHz.reduce((sum, pitch) => sum + pitch / 80, 0);

  it("hold the frames asked for with their context", () => {
    const window = cutWindow(plan, 20 * frameSamples, 30 * frameSamples);
    expect([window.firstFrame, window.frames]).toEqual([20 - contextFrames, 10 + 2 * contextFrames]);
    expect([...window.features.subarray(window.frames, window.frames + 2)]).toEqual([
      frames + window.firstFrame,
      frames + window.firstFrame + 1,
    ]);
  });

  it("arrive at the slice in phase with the whole run", () => {
    for (const from of [17, 31, 52]) {
      const window = cutWindow(plan, from * frameSamples, (from + 10) * frameSamples);
      const own = cycles(window.pitchHz.subarray(0, 2 * contextFrames));
      const whole = cycles(plan.pitchHz.subarray(0, 2 * from));
      expect(Math.abs(own - whole - Math.round(own - whole))).toBeLessThan(0.01);
    }
  });
});

describe("pitch of a run", () => {
  const pitchHz = Float32Array.of(5, 200, 220, 242, 5);

  it("is shifted in semitones where the voice sounds", () => {
    const shifted = shapePitch(pitchHz, { ...neutralProsody, pitchSemitones: 12 });
    expect([...shifted].map(Math.round)).toEqual([5, 400, 440, 484, 5]);
  });

  it("is stretched around its mean", () => {
    const wide = shapePitch(pitchHz, { ...neutralProsody, pitchRange: 2 });
    expect([...wide].map(Math.round)).toEqual([5, 182, 220, 266, 5]);
  });
});

describe("runs", () => {
  const words = (count: number, mark: string) =>
    Array.from({ length: count }, (_, word) => ({ symbols: ` ni↓xau↓${word % 7 === 6 ? mark : ""}`, word }));
  const cut = (count: number, mark: string) => cutRuns({ words: [], pieces: words(count, mark) }, () => true);

  it("end at marks, or between words where there are none", () => {
    expect(cut(8, ",")).toHaveLength(1);
    expect(
      cut(40, ",")
        .map(({ ending }) => ending)
        .slice(0, -1),
    ).toSatisfy((endings: string[]) => endings.every((ending) => ending === "clause"));
    for (const { symbols } of cut(60, "")) expect(symbols[0]).toBe("n");
  });

  it("hold no more than the model can plan, and every phone", () => {
    const runs = cut(120, "");
    expect(Math.max(...runs.map(({ symbols }) => symbols.length))).toBeLessThanOrEqual(220);
    expect(runs.flatMap(({ symbols }) => symbols).filter((symbol) => symbol === "x")).toHaveLength(120);
  });
});
