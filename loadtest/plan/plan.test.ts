import { plan as planning } from "@troupe/operator";
import { describe, expect, it } from "vitest";
import { fleetWorld } from "./fleet-world.ts";
import { lowerBound } from "./lower-bound.ts";

const plan = planning.createPlanner(planning.bestFit);
const sum = (list: readonly { readonly sessions: number }[]): number => list.reduce((total, { sessions }) => total + sessions, 0);

describe("in worlds that are short of places, a plan", () => {
  it("places three of four sessions that the linear programme places, nine of ten over all worlds, and never more", async () => {
    let placed = 0;
    let placeable = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const world = fleetWorld({ nodes: 40, sites: 6, tenants: 20, pipelines: 6, maxSessions: 30, seed });
      const asked = sum(world.demand);
      const left = sum(plan(world).unplaced);
      const { unplaced } = await lowerBound(world);
      expect(unplaced).toBeGreaterThan(0.04 * asked);
      expect(left).toBeGreaterThan(unplaced - 0.5);
      expect((asked - left) / (asked - unplaced)).toBeGreaterThan(0.75);
      placed += asked - left;
      placeable += asked - unplaced;
    }
    expect(placed / placeable).toBeGreaterThan(0.9);
  });
});
