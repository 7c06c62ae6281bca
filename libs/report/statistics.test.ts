import { describe, expect, it } from "vitest";
import { formatSpread, quantile, spreadOf } from "./statistics.ts";
import { formatTable } from "./table.ts";

describe("quantile", () => {
  it.for([
    [0, 1],
    [0.5, 2.5],
    [1, 4],
    [0.25, 1.75],
  ] as const)("of 1..4 at %d is %d, whatever the order", ([share, value]) => {
    expect(quantile([4, 1, 3, 2], share)).toBeCloseTo(value);
  });

  it("of nothing is no number", () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe("spread", () => {
  it("names median, range and runs", () => {
    expect(formatSpread(spreadOf([3, 1, 2]), 1)).toBe("2.0 (1.0 to 3.0, 3 runs)");
  });
});

describe("table", () => {
  it("puts text to the left and numbers to the right", () => {
    expect(
      formatTable(
        ["what", "ms"],
        [
          ["a", 5],
          ["long", "12.5"],
        ],
      ),
    ).toEqual(["what    ms", "----  ----", "a        5", "long  12.5"]);
  });
});
