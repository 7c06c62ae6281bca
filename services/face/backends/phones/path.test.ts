import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathThrough, type Window } from "./path.ts";

const options = { inertiaUs: 20_000, stepUs: 10_000, before: [0, 0] as const };
const held = (value: number, count: number, weight = 1): Window[] => Array<Window>(count).fill({ low: value, high: value, weight });

describe("a path through windows", () => {
  it("comes to what it is held to, and passes a window on its near side", () => {
    expect(pathThrough(held(0.5, 30), options).at(-1)).toBeCloseTo(0.5, 2);
    const wide = pathThrough(Array<Window>(30).fill({ low: 0.3, high: 0.8, weight: 1 }), options);
    expect(wide.at(-1)).toBeGreaterThan(0.27);
    expect(wide.at(-1)).toBeLessThan(0.45);
  });

  it("goes on as it went where nothing holds it", () => {
    const path = pathThrough(
      held(0, 10, 0).map((window) => ({ ...window, high: 1 })),
      { ...options, before: [0.1, 0.12] },
    );
    for (const [n, value] of path.entries()) expect(value).toBeCloseTo(0.12 + 0.02 * (n + 1), 2);
  });

  it("starts out before it has to be there", () => {
    const path = pathThrough([...held(0, 6, 0).map((window) => ({ ...window, high: 1 })), ...held(1, 6)], options);
    expect(path[4]).toBeGreaterThan(0.2);
    expect(path[4]).toBeGreaterThan(path[2] as number);
  });

  it("costs no more than any path beside it", () => {
    const windows = [...held(0.2, 4), ...held(0.8, 4), ...held(0.1, 4)];
    const stiffness = (options.inertiaUs / options.stepUs) ** 4;
    const cost = (path: readonly number[]) => {
      const all = [...options.before, ...path];
      const bends = path.map((_, n) => (all[n + 2] as number) - 2 * (all[n + 1] as number) + (all[n] as number));
      const misses = path.map((value, n) => (value - (windows[n] as Window).low) ** 2);
      return misses.reduce((sum, miss) => sum + miss, 0) + stiffness * bends.reduce((sum, bend) => sum + bend * bend, 0);
    };
    const best = pathThrough(windows, options);
    fc.assert(
      fc.property(fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 12, maxLength: 12 }), (nudges) => {
        expect(cost(best.map((value, n) => value + (nudges[n] as number)))).toBeGreaterThanOrEqual(cost(best) - 1e-9);
      }),
    );
  });
});
