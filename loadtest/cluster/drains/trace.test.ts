import { expect, it } from "vitest";
import { tracedPools, traceOf } from "./trace.ts";

const first = (count: number, seed: number, pool = tracedPools[0]) => {
  if (!pool) throw new Error("no pool");
  return traceOf(pool, seed).take(count).toArray();
};

it("a trace is the same for the same seed, another for another, and differs between pools", () => {
  expect(first(50, 1)).toEqual(first(50, 1));
  expect(first(50, 1)).not.toEqual(first(50, 2));
  expect(first(50, 1)).not.toEqual(first(50, 1, tracedPools[1]));
});

it("a scaling always changes the number of replicas, within the pool's bounds", () => {
  let replicas = 1;
  for (const { action } of first(300, 3)) {
    if (action.kind !== "scale") continue;
    expect(action.replicas).not.toBe(replicas);
    expect(action.replicas).toBeGreaterThanOrEqual(1);
    expect(action.replicas).toBeLessThanOrEqual(tracedPools[0]?.maxReplicas ?? 0);
    replicas = action.replicas;
  }
});
