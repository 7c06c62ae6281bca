import { describe, expect, it } from "vitest";
import { createLogMel, MEL_BANDS } from "./log-mel.ts";

describe("createLogMel", () => {
  const logMel = createLogMel();
  const tone = (frequencyHz: number, length: number) =>
    Float32Array.from({ length }, (_, index) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * index) / 16_000));
  const column = (mel: Float32Array, frames: number, frame: number) =>
    Array.from({ length: MEL_BANDS }, (_, band) => mel[band * frames + frame] as number);

  it("puts a tone into the band around its frequency", () => {
    const bandOf = (frequencyHz: number) => {
      const bands = column(logMel(tone(frequencyHz, 16_000), 100), 100, 50);
      return bands.indexOf(Math.max(...bands));
    };
    // 80 bands up to 45.245 mel of Slaney's scale: 1 kHz is 15 mel.
    expect(bandOf(1000)).toBe(Math.round((15 / 45.245) * 81) - 1);
    expect(bandOf(300)).toBeLessThan(bandOf(1000));
    expect(bandOf(6000)).toBeGreaterThan(bandOf(1000));
  });

  it("spans at most 8 decades, divided by 4, below its peak", () => {
    const mel = logMel(tone(440, 8_000), 200);
    const peak = Math.max(...mel);
    expect(Math.min(...mel)).toBeCloseTo(peak - 2, 5);
  });

  it("moves with the sound: a hop later is a frame later", () => {
    const delayed = new Float32Array(16_160);
    delayed.set(tone(440, 16_000), 160);
    const [before, after] = [logMel(tone(440, 16_000), 120), logMel(delayed, 120)];
    column(before, 120, 30).forEach((value, band) => {
      expect(column(after, 120, 31)[band]).toBeCloseTo(value, 4);
    });
  });
});
