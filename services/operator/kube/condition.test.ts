import { describe, expect, it } from "vitest";
import { conditionOf, setCondition } from "./condition.ts";
import { decide, type Policy } from "./decision.ts";

const ready = { type: "Ready", status: "True", reason: "AllUp", message: "3 of 3", observedGeneration: 2 } as const;
const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

describe("a condition", () => {
  it("is added with the time of its transition, in seconds", () => {
    expect(setCondition(undefined, ready, atMs)).toEqual([{ ...ready, lastTransitionTime: "2026-01-02T03:04:05Z" }]);
  });

  it("keeps its transition time while the status stays, whatever the reason", () => {
    const before = setCondition([], ready, atMs);
    const after = setCondition(before, { ...ready, reason: "Other", observedGeneration: 3 }, atMs + 60_000);
    expect(after).toEqual([{ ...ready, reason: "Other", observedGeneration: 3, lastTransitionTime: "2026-01-02T03:04:05Z" }]);
  });

  it("gets a new time when the status turns, in its place among the others", () => {
    const others = setCondition(setCondition([], ready, atMs), { ...ready, type: "Placed" }, atMs);
    const after = setCondition(others, { ...ready, status: "False" }, atMs + 60_000);
    expect(after.map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
      ["Ready", "2026-01-02T03:05:05Z"],
      ["Placed", "2026-01-02T03:04:05Z"],
    ]);
    expect(conditionOf({ status: { conditions: after } }, "Placed")?.status).toBe("True");
  });
});

describe("a list of policies", () => {
  const policies: readonly Policy<number>[] = [
    (value) => (value < 0 ? { reason: "Negative", message: "below zero" } : undefined),
    (value) => (value < 10 ? { reason: "Small", message: "below ten" } : undefined),
  ];

  it("lets the first one that speaks decide, and says nothing if none does", () => {
    expect(decide(policies, -1)?.reason).toBe("Negative");
    expect(decide(policies, 5)?.reason).toBe("Small");
    expect(decide(policies, 50)).toBeUndefined();
  });
});
