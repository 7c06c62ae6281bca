import { createManualClock, type ManualClock, until } from "@troupe/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../testing/rig.ts";
import { type Calibration, calibrate } from "./calibrate.ts";
import { askAtOnce, lanedStage, lanesCapacity } from "./laned-stage.testing.ts";
import type { ReferenceWork } from "./reference-work.ts";

interface Given {
  readonly serviceMs: number;
  readonly deadlineMs?: number;
  readonly limit?: number;
  readonly budgetMs?: number;
  readonly work?: ReferenceWork;
  readonly onServed?: (clock: ManualClock) => void;
}

async function calibrated({ serviceMs, deadlineMs = 300, limit = 64, budgetMs = 3_600_000, work, onServed }: Given): Promise<Calibration> {
  const clock = createManualClock();
  let result: Calibration | undefined;
  const stage = lanedStage(clock, serviceMs, () => onServed?.(clock));
  const running = calibrate({ stage, clock, logger: silentLogger }, work ?? askAtOnce(deadlineMs), { limit, budgetMs });
  await until(
    "it is measured",
    () => result !== undefined,
    async () => {
      await clock.advance(50);
      result = await Promise.race([running, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
    },
  );
  return result as Calibration;
}

describe("a calibration", () => {
  it("finds the most sessions whose deadlines are kept, in few steps", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 400 }), fc.constantFrom(1, 3, 16, 40), async (serviceMs, limit) => {
        const { sessions, bound, probes } = await calibrated({ serviceMs, limit });
        expect(sessions).toBe(lanesCapacity(serviceMs, 300, limit));
        expect(bound).toBe(sessions === limit ? "limit" : "late");
        // Each number that does not hold is tried twice; one run warms up.
        expect(probes).toBeLessThanOrEqual(2 * (2 * Math.log2(sessions + 1) + 2) + 1);
      }),
      { numRuns: 12 },
    );
  });

  it("tells how early 95 of 100 were with as many as hold", async () => {
    expect(await calibrated({ serviceMs: 70 })).toMatchObject({ sessions: 4, p95LateMs: 4 * 70 - 300 });
  });

  it("does not take a hiccup for a limit", async () => {
    let served = 0;
    // Of the run with two sessions: one to warm up and one alone went before.
    const hiccup = (clock: ManualClock) => void (++served === 3 && clock.advance(1000));
    expect(await calibrated({ serviceMs: 100, onServed: hiccup })).toMatchObject({ sessions: 3, bound: "late" });
  });

  it("ends when its time is over, with what has held until then", async () => {
    const found = await calibrated({ serviceMs: 10, budgetMs: 125 });
    expect(found).toMatchObject({ sessions: 4, bound: "time", tookMs: 125 });
    expect(await calibrated({ serviceMs: 10, budgetMs: 5 })).toMatchObject({ sessions: 0, bound: "time" });
  });

  it("counts work that fails as late", async () => {
    const work = { ...askAtOnce(300), run: () => Promise.reject(new Error("no")) };
    expect(await calibrated({ serviceMs: 10, work })).toMatchObject({ sessions: 0, bound: "late", p95LateMs: undefined });
  });
});
