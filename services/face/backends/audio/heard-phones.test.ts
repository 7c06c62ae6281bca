import { describe, expect, it } from "vitest";
import { createHeardPhones } from "./heard-phones.ts";

const layout = {
  phones: ["", "p", "b", "m", "ɑ"],
  classes: [0, 1, 1, 1, 2],
  gains: [1, 1, 1],
  prior: new Array<number>(64).fill(0),
  lateSteps: 3,
};

describe("createHeardPhones", () => {
  const hear = (...steps: readonly (readonly number[])[]) => {
    const heard = createHeardPhones(layout);
    return steps.map((posteriors, n) => heard.hear(Float32Array.from(posteriors), n * 20_000, (n + 1) * 20_000).symbol);
  };

  it("closes the lips although no single phone that closes them is the likeliest", () => {
    expect(hear([0.1, 0.2, 0.22, 0.13, 0.35])).toEqual(["b"]);
  });

  it("prefers what counts for more", () => {
    const heard = createHeardPhones({ ...layout, gains: [1, 2, 1] });
    expect(heard.hear(Float32Array.from([0, 0, 0, 0.4, 0.6]), 0, 20_000).symbol).toBe("m");
  });

  it("does not waver between two classes that are nearly as probable", () => {
    expect(hear([0, 0, 0, 0.9, 0.1], [0, 0, 0, 0.48, 0.52], [0, 0, 0, 0.3, 0.7])).toEqual(["m", "m", "ɑ"]);
  });
});
