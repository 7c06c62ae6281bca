import { describe, expect, it } from "vitest";
import { createArticulation, type Mouth, type Pull, topSpeedPerS } from "./articulation.ts";
import { mouthParts } from "./visemes.ts";

const frameUs = 40_000;
const everything = (value: number) => Object.fromEntries(mouthParts.map((part) => [part, value])) as Mouth;
const pullTo = (value: number): Pull => ({ gestures: [], knownUntilUs: 0, opening: 1, fallback: everything(value) });

describe("articulation", () => {
  it("follows a sudden wish within three frames, no part faster than its top speed and none out of range", () => {
    const articulation = createArticulation(frameUs, 80_000);
    const wishes = [0, 0, 1, 1, 1, 1, 0, 0, 0, 0];
    const mouths = wishes.map((_, frame) =>
      articulation.advance(frame * frameUs, (timeUs) =>
        pullTo(wishes[Math.min(wishes.length - 1, Math.floor(timeUs / frameUs))] as number),
      ),
    );
    for (const part of mouthParts) {
      const values = mouths.map((mouth) => mouth[part]);
      const farthest = ((part === "jaw" ? topSpeedPerS.jaw : topSpeedPerS.other) * frameUs) / 1_000_000;
      for (const [n, value] of values.entries()) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        if (n > 0) expect(Math.abs(value - (values[n - 1] as number)), part).toBeLessThanOrEqual(farthest + 1e-9);
      }
      expect(values[4], part).toBeGreaterThan(0.75);
      expect(values[9], part).toBeLessThan(0.1);
    }
  });

  it("keeps its course where nothing is known, and goes to rest where silence is", () => {
    const open: Pull = pullTo(0.5);
    const nothing: Pull = { gestures: [], knownUntilUs: 0, opening: 1 };
    const silence: Pull = { gestures: [], knownUntilUs: Number.POSITIVE_INFINITY, opening: 1 };
    const after = (later: Pull) => {
      const articulation = createArticulation(frameUs, 80_000);
      for (let frame = 0; frame < 6; frame++) articulation.advance(frame * frameUs, () => open);
      return [6, 7, 8, 9].map((frame) => articulation.advance(frame * frameUs, () => later).jaw);
    };
    expect(after(nothing).at(-1)).toBeCloseTo(0.5, 1);
    expect(after(silence).at(-1)).toBeLessThan(0.05);
  });
});
