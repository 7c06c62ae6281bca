import { describe, expect, it } from "vitest";
import { createMelFilters } from "./mel-filters.ts";

describe("createMelFilters", () => {
  it("covers the spectrum with triangles of equal area", () => {
    const filters = createMelFilters(80, 400, 16_000);
    const binHz = 40;
    // The lowest filters are narrower than a bin, so only the wide ones show their area.
    for (const { weights } of filters.slice(60)) expect(weights.reduce((sum, weight) => sum + weight * binHz, 0)).toBeCloseTo(1, 1);
    // Each filter peaks above the one before.
    const peaks = filters.map(({ firstBin, weights }) => firstBin + weights.indexOf(Math.max(...weights)));
    expect(peaks).toEqual([...peaks].sort((a, b) => a - b));
  });
});
