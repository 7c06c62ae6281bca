import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPlanner } from "./greedy-planner.ts";
import { bestFit } from "./policies/best-fit.ts";
import { firstFit } from "./policies/first-fit.ts";
import { arbitraryPackProblem, fewestDevices, worldOf } from "./testing/pack-problem.ts";

const best = createPlanner(bestFit);
const first = createPlanner(firstFit);

describe("against the optimum of small problems, found by trying everything,", () => {
  it("best fit places all that can be placed where devices suffice, and is on average within 5 % of the fewest devices", () => {
    let used = 0;
    let usedByFirst = 0;
    let optimal = 0;
    fc.assert(
      fc.property(arbitraryPackProblem, (problem) => {
        const fewest = fewestDevices(problem);
        const plan = best(worldOf(problem, 20));
        const devices = plan.pools.reduce((sum, { maxReplicas }) => sum + maxReplicas, 0);
        expect(plan.unplaced).toEqual([]);
        // First fit decreasing needs at most 11/9 of the optimum and one more in one dimension; here are two.
        expect(devices).toBeLessThanOrEqual(Math.ceil((fewest * 3) / 2));
        used += devices;
        optimal += fewest;
        usedByFirst += first(worldOf(problem, 20)).pools.reduce((sum, { maxReplicas }) => sum + maxReplicas, 0);
      }),
      { numRuns: 200, seed: 7 },
    );
    expect(used / optimal).toBeLessThan(1.05);
    expect(used).toBeLessThan(usedByFirst);
  });

  it("places all on exactly the fewest devices for most problems, and otherwise says what is missing", () => {
    let all = 0;
    let problems = 0;
    fc.assert(
      fc.property(arbitraryPackProblem, (problem) => {
        const { unplaced } = best(worldOf(problem, fewestDevices(problem)));
        problems++;
        if (unplaced.length === 0) all++;
        for (const one of unplaced) expect(one.reason).toMatch(/NoCapacity/);
      }),
      { numRuns: 200, seed: 7 },
    );
    expect(all / problems).toBeGreaterThan(0.85);
  });
});
