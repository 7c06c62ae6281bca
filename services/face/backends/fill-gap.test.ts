import { describe, expect, it } from "vitest";
import { createGapFiller } from "./fill-gap.ts";

describe("createGapFiller", () => {
  const sampleRateHz = 24_000;
  /** 100 ms of speech at each of the times; the lengths of the silences before them, in milliseconds. */
  const silencesMs = (...timesMs: readonly number[]) => {
    const fillGap = createGapFiller();
    const samples = new Int16Array(sampleRateHz / 10);
    return timesMs.map((timeMs) => (fillGap({ ptsUs: timeMs * 1000, samples, sampleRateHz }).length * 1000) / sampleRateHz);
  };

  it("fills jumps, but neither the start of the response nor rounding", () => {
    expect(silencesMs(7_000, 7_100, 7_209, 7_400, 12_500)).toEqual([0, 0, 0, 100, 5_000]);
  });

  it("takes chunks that overlap as consecutive", () => {
    expect(silencesMs(0, 50, 200)).toEqual([0, 0, 0]);
  });

  it.each([5_001, 3_600_000])("refuses a jump of %i ms", (jumpMs) => {
    expect(() => silencesMs(0, 100 + jumpMs)).toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
  });
});
