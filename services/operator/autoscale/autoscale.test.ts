import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AutoscaleState, autoscale, noState, type PoolObservation, type ScaleDecision, usualPolicy } from "./autoscale.ts";
import { sessionsByPipeline } from "./demand.ts";

const stepMs = 10_000;
const { downWindowMs, idleWindowMs } = usualPolicy;
const pool = {
  minReplicas: 0,
  maxReplicas: 100,
  replicas: 0,
  warmReplicas: 0,
  paused: false,
  leadMs: 60_000,
  pinnedReplicas: 0,
};

interface Step extends ScaleDecision {
  readonly atMs: number;
  readonly from: number;
}

/** Runs the autoscaler over a trace of sessions, one value a step; every decision is carried out. */
function run(trace: readonly (number | undefined)[], given: Partial<PoolObservation> = {}, perReplica: number | undefined = 10): Step[] {
  const steps: Step[] = [];
  let state: AutoscaleState = noState;
  let replicas = given.replicas ?? 0;
  for (const [at, sessions] of trace.entries()) {
    const atMs = at * stepMs;
    const result = autoscale(state, { ...pool, ...given, replicas, nowMs: atMs, members: [{ sessions, perReplica }] });
    steps.push({ atMs, from: replicas, ...result.decision });
    state = result.state;
    replicas = result.decision.replicas;
  }
  return steps;
}

const last = (steps: readonly Step[]): Step => steps.at(-1) as Step;
const always = (sessions: number, count: number): number[] => new Array<number>(count).fill(sessions);
const traces = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 120 });

describe("autoscale", () => {
  it("wants replicas for a jump of demand at once, the warm ones beside them", () => {
    expect(last(run([5, 95], { replicas: 1, warmReplicas: 2 }))).toMatchObject({ replicas: 12, reason: "DemandGrew" });
  });

  it("lowers only after a window in which nothing asked for more", () => {
    const steps = run([...always(95, 40), ...always(20, 60)], { replicas: 10 });
    const fall = steps.findIndex(({ replicas, from }) => replicas < from);
    expect(steps[fall]?.reason).toBe("DemandFell");
    expect((steps[fall]?.atMs ?? 0) - 40 * stepMs).toBeGreaterThanOrEqual(downWindowMs - stepMs);
    expect(last(steps).replicas).toBeLessThanOrEqual(10);
  });

  it("goes to zero after an idle window, where the bounds and warm replicas allow it", () => {
    const idle = always(0, idleWindowMs / stepMs + 2);
    expect(last(run([5, ...idle], { replicas: 1 }))).toMatchObject({ replicas: 0 });
    expect(run([5, ...idle], { replicas: 1 }).find(({ replicas }) => replicas === 0)?.atMs).toBeGreaterThanOrEqual(idleWindowMs);
    expect(last(run([5, ...idle], { replicas: 1, minReplicas: 1 })).replicas).toBe(1);
    expect(last(run([5, ...idle], { replicas: 1, warmReplicas: 1 })).replicas).toBe(1);
  });

  it("wakes from zero at the first session that was refused", () => {
    expect(last(run([...always(0, 100), 1]))).toMatchObject({ from: 0, replicas: 1, reason: "DemandGrew" });
  });

  it("prepares for rises as it has seen them within the lead time", () => {
    // Every ten minutes the demand climbs by 50 sessions within a minute.
    const day = Array.from({ length: 240 }, (_, at) => 100 + Math.min(50, (at % 60) * 10));
    const calm = run(always(100, 240), { replicas: 10 });
    expect(last(calm).replicas).toBe(10);
    // Before the climb the sixth of a minute ahead is ready already.
    expect(run(day, { replicas: 10 })[179]?.replicas).toBeGreaterThanOrEqual(15);
  });

  it("changes nothing while nobody reports, people pause the pool, or the capacity is unknown", () => {
    expect(last(run([50, undefined], { replicas: 5 }))).toMatchObject({ replicas: 5, reason: "DemandUnknown" });
    expect(last(run([500], { replicas: 5, paused: true }))).toMatchObject({ replicas: 5, reason: "Paused" });
    const unknown = autoscale(noState, { ...pool, nowMs: 0, members: [{ sessions: 500, perReplica: undefined }] });
    expect(unknown.decision).toMatchObject({ replicas: 1, reason: "NotProfiled" });
    const unasked = autoscale(noState, { ...pool, nowMs: 0, members: [{ sessions: 0, perReplica: undefined }] });
    expect(unasked.decision).toMatchObject({ replicas: 0, reason: "NotProfiled" });
  });

  it("begins its window anew after a gap in the reports", () => {
    const steps = run([...always(95, 10), undefined, ...always(20, 29)], { replicas: 10 });
    expect(last(steps).replicas).toBe(10);
  });

  it("adds up the work of the stages of a pack", () => {
    const members = [
      { sessions: 10, perReplica: 20 },
      { sessions: 10, perReplica: 8 },
    ];
    expect(autoscale(noState, { ...pool, nowMs: 0, members }).decision.replicas).toBe(2);
  });

  it("says which bound of the plan it met", () => {
    expect(last(run([95], { maxReplicas: 4 }))).toMatchObject({ replicas: 4, reason: "AtMaximum" });
    expect(last(run([0], { minReplicas: 2 }))).toMatchObject({ replicas: 2, reason: "AtMinimum" });
  });
});

describe("for any demand, autoscale", () => {
  it("stays within the bounds, has a reason, and serves what is there as far as they allow", () => {
    fc.assert(
      fc.property(traces, fc.nat(5), fc.integer({ min: 5, max: 20 }), fc.nat(3), (trace, minReplicas, maxReplicas, warmReplicas) => {
        for (const [at, step] of run(trace, { minReplicas, maxReplicas, warmReplicas, replicas: minReplicas }).entries()) {
          expect(step.replicas).toBeGreaterThanOrEqual(minReplicas);
          expect(step.replicas).toBeLessThanOrEqual(maxReplicas);
          expect(step.replicas).toBeGreaterThanOrEqual(Math.min(maxReplicas, Math.ceil((trace[at] ?? 0) / 10)));
          expect(step.reason).toMatch(/^[A-Z]\w+$/);
          expect(step.message).not.toBe("");
        }
      }),
    );
  });

  it("never lowers within the window after it raised", () => {
    fc.assert(
      fc.property(traces, (trace) => {
        let raisedMs = Number.NEGATIVE_INFINITY;
        for (const { atMs, from, replicas } of run(trace)) {
          if (replicas < from) expect(atMs - raisedMs).toBeGreaterThanOrEqual(downWindowMs);
          if (replicas > from) raisedMs = atMs;
        }
      }),
    );
  });

  it("never goes below replicas whose sessions cannot move", () => {
    fc.assert(
      fc.property(traces, fc.nat(20), (trace, pinnedReplicas) => {
        for (const { from, replicas } of run([...trace, ...always(0, 70)], { replicas: 20, pinnedReplicas }))
          if (replicas < from) expect(replicas).toBeGreaterThanOrEqual(pinnedReplicas);
      }),
    );
  });

  it("does not flap on noise of 3 %, wherever the border between two counts lies", () => {
    const noise = fc.array(fc.double({ min: 0.97, max: 1, noNaN: true }), { minLength: 150, maxLength: 150 });
    fc.assert(
      fc.property(noise, fc.integer({ min: 5, max: 500 }), (factors, sessions) => {
        const steps = run(factors.map((factor) => factor * sessions));
        expect(steps.filter(({ from, replicas }) => replicas < from)).toEqual([]);
      }),
    );
  });

  it("comes to rest on demand that rests", () => {
    fc.assert(
      fc.property(traces, fc.integer({ min: 1, max: 300 }), (trace, sessions) => {
        const steps = run([...trace, ...always(sessions, 400)]);
        expect(last(steps).replicas).toBeGreaterThanOrEqual(Math.ceil(sessions / 10));
        // As many as with slack, and at most what the rises that are still remembered ask for.
        expect(last(steps).replicas).toBeLessThanOrEqual(Math.ceil(sessions / 9) + 1);
        expect(steps.slice(-20).every(({ from, replicas }) => from === replicas)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe("demand", () => {
  it("counts a session once, though each of its stages reports it", () => {
    const counts = [
      { pipeline: "a/p", stage: "asr", active: 4, refused: 2 },
      { pipeline: "a/p", stage: "llm", active: 4, refused: 2 },
      { pipeline: "a/p", stage: "llm", active: 1, refused: 0 },
      { pipeline: "b/q", stage: "tts", active: 1, refused: 0 },
    ];
    expect([...sessionsByPipeline(counts)]).toEqual([
      ["a/p", 7],
      ["b/q", 1],
    ]);
  });
});
