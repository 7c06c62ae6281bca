import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeadlinesKept } from "./deadlines-kept.ts";

describe("the deadlines kept", () => {
  it("hold where at least 95 of 100 are in time", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 5 }), { minLength: 1, maxLength: 60 }), (lateMs) => {
        const kept = new DeadlinesKept({ answer: 1 }, lateMs.length);
        for (const ms of lateMs) kept.report("answer", ms);
        const inTime = lateMs.filter((ms) => ms <= 0).length;
        expect(kept.result().held).toBe(inTime >= 0.95 * lateMs.length);
        expect(kept.broken).toBe(!kept.result().held);
      }),
    );
  });

  it("are told apart: many of one kind do not make up for another", () => {
    const kept = new DeadlinesKept({ "first chunk": 1, frame: 100 }, 1);
    for (let frame = 0; frame < 100; frame++) kept.report("frame", -10);
    kept.report("first chunk", 3);
    expect(kept.result()).toEqual({ held: false, p95LateMs: 3, latest: { deadline: "first chunk", lateMs: 3 } });
  });

  it("count what never came", () => {
    const kept = new DeadlinesKept({ frame: 20 }, 1);
    for (let frame = 0; frame < 18; frame++) kept.report("frame", -10);
    expect(kept.broken).toBe(false);
    expect(kept.result()).toMatchObject({ held: false, p95LateMs: Number.POSITIVE_INFINITY });
    kept.report("frame", -5);
    expect(kept.result()).toMatchObject({ held: true, p95LateMs: -5 });
  });
});
