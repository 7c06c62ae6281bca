import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decidePool, type PoolFacts } from "./decide-pool.ts";
import type { PodFacts } from "./pod-facts.ts";
import { SimulatedPool } from "./testing/simulated-pool.ts";

const pool = (change: Partial<PoolFacts> = {}): PoolFacts => ({
  desired: 1,
  revision: "new",
  maxSurge: 1,
  drainTimeoutMs: 3_600_000,
  heard: true,
  ...change,
});

const pod = (name: string, change: Partial<PodFacts> = {}): PodFacts => ({
  name,
  uid: name,
  revision: "new",
  state: "ready",
  ageMs: 60_000,
  terminating: false,
  started: true,
  silentMs: change.load === undefined && "load" in change ? 60_000 : 0,
  load: { admitting: true, closed: false, sessions: 1, headroom: 3 },
  ...change,
});

const drained = { admitting: false, closed: true, sessions: 0, headroom: 4 };
const victims = (decision: ReturnType<typeof decidePool>) => decision.drain.map((one) => `${one.pod.name} ${one.reason}`);
const removals = (decision: ReturnType<typeof decidePool>) => decision.remove.map((one) => `${one.pod.name} ${one.reason}`);

describe("what a pool decides", () => {
  it("creates what is missing, and nothing when it is complete", () => {
    expect(decidePool(pool({ desired: 3 }), [pod("a")])).toMatchObject({ create: 2, drain: [], remove: [] });
    expect(decidePool(pool({ desired: 1 }), [pod("a")])).toEqual({ create: 0, drain: [], remove: [] });
  });

  it("names the pod with the fewest sessions when one is too many, and does not delete it", () => {
    const busy = pod("busy", { load: { admitting: true, closed: false, sessions: 3, headroom: 1 } });
    const decision = decidePool(pool({ desired: 1 }), [busy, pod("quiet")]);
    expect(victims(decision)).toEqual(["quiet ScaleDown"]);
    expect(decision.remove).toEqual([]);
  });

  it("takes one that does not serve before one that does", () => {
    const loading = pod("loading", { state: "starting", load: undefined });
    expect(
      victims(decidePool(pool({ desired: 1 }), [pod("serves", { load: { ...drained, admitting: true, closed: false } }), loading])),
    ).toEqual(["loading ScaleDown"]);
  });

  it("deletes a victim when its last session has left, not before", () => {
    const drain = { reason: "ScaleDown", forMs: 1000 };
    const served = pod("a", { drain, load: { admitting: false, closed: true, sessions: 1, headroom: 0 } });
    expect(decidePool(pool(), [served, pod("b")]).remove).toEqual([]);
    expect(removals(decidePool(pool(), [pod("a", { drain, load: drained }), pod("b")]))).toEqual(["a Drained"]);
    // It has not heard yet that it drains: a session may just be opening.
    expect(decidePool(pool(), [pod("a", { drain, load: { ...drained, admitting: true, closed: false } }), pod("b")]).remove).toEqual([]);
  });

  it("does not take silence for emptiness while nothing can be heard", () => {
    const silent = pod("a", { drain: { reason: "ScaleDown", forMs: 60_000 }, load: undefined });
    expect(decidePool(pool({ heard: false }), [silent, pod("b")]).remove).toEqual([]);
    expect(removals(decidePool(pool(), [silent, pod("b")]))).toEqual(["a Silent"]);
  });

  it("takes a gap of seconds in what it hears of a victim for no emptiness", () => {
    const unheard = pod("a", { drain: { reason: "ScaleDown", forMs: 600_000 }, load: undefined, silentMs: 4000 });
    expect(decidePool(pool(), [unheard, pod("b")]).remove).toEqual([]);
  });

  it("keeps a pack that still admits in one of its stages", () => {
    const half = { admitting: false, closed: false, sessions: 0, headroom: 0 };
    expect(decidePool(pool(), [pod("a", { drain: { reason: "ScaleDown", forMs: 9000 }, load: half }), pod("b")]).remove).toEqual([]);
  });

  it("takes away at once what has never been up", () => {
    const loading = pod("a", { drain: { reason: "ScaleDown", forMs: 1 }, load: undefined, state: "starting", started: false });
    expect(removals(decidePool(pool(), [loading, pod("b")]))).toEqual(["a NeverServed"]);
  });

  it("does not leave a pool without anybody for a node that is to be empty", () => {
    const idle = (name: string) => pod(name, { leaving: "Cordoned", load: { admitting: true, closed: false, sessions: 0, headroom: 4 } });
    const decision = decidePool(pool({ desired: 2 }), [idle("a"), idle("b")]);
    expect(decision.drain).toHaveLength(1);
    expect(decidePool(pool({ desired: 1 }), [idle("a")])).toMatchObject({ drain: [], create: 1 });
  });

  it("counts seats that other victims will take only once", () => {
    const promised = pod("c", {
      drain: { reason: "Cordoned", forMs: 10 },
      load: { admitting: false, closed: true, sessions: 3, headroom: 0 },
    });
    const decision = decidePool(pool({ desired: 3 }), [pod("a", { leaving: "Cordoned" }), pod("b"), promised]);
    expect(decision.drain).toEqual([]);
  });

  it("goes on creating where one of many crashes", () => {
    const decision = decidePool(pool({ desired: 4 }), [
      pod("a"),
      pod("b"),
      pod("c", { crashing: "x", load: undefined, state: "starting" }),
    ]);
    expect(decision.create).toBe(1);
  });

  it("names nobody a victim while it hears nothing", () => {
    const unknown = (name: string) => pod(name, { revision: "old", load: undefined });
    expect(decidePool(pool({ heard: false }), [unknown("a"), unknown("b")])).toMatchObject({ drain: [] });
  });

  it("deletes a victim with sessions only at the time limit", () => {
    const load = { admitting: false, closed: true, sessions: 2, headroom: 0 };
    const waiting = (forMs: number) => [pod("a", { drain: { reason: "ScaleDown", forMs }, load }), pod("b")];
    expect(removals(decidePool(pool({ drainTimeoutMs: 10_000 }), waiting(9_999)))).toEqual([]);
    expect(removals(decidePool(pool({ drainTimeoutMs: 10_000 }), waiting(10_000)))).toEqual(["a DrainTimedOut"]);
  });

  it("brings the new revision before it takes the old one away", () => {
    const old = pod("old", { revision: "old" });
    const first = decidePool(pool(), [old]);
    expect(first).toMatchObject({ create: 1, drain: [] });
    expect(decidePool(pool(), [old, pod("new", { state: "starting", load: undefined })])).toMatchObject({ create: 0, drain: [] });
    expect(victims(decidePool(pool(), [old, pod("new")]))).toEqual(["old NewRevision"]);
  });

  it("keeps the old revision where the new one crashes, and says so", () => {
    const crashing = pod("new", { state: "starting", load: undefined, crashing: "llm restarted 4 times" });
    const decision = decidePool(pool({ desired: 2 }), [pod("a", { revision: "old" }), pod("b", { revision: "old" }), crashing]);
    expect(decision).toMatchObject({ create: 0, drain: [], blocked: { reason: "CrashLoop" } });
  });

  it("empties a cordoned node at once where the others have room, and first replaces the pod where they have not", () => {
    const cordoned = pod("a", { leaving: "Cordoned" });
    const roomy = decidePool(pool({ desired: 2 }), [cordoned, pod("b")]);
    expect(victims(roomy)).toEqual(["a Cordoned"]);
    expect(roomy.create).toBe(1);
    const full = pod("b", { load: { admitting: true, closed: false, sessions: 4, headroom: 0 } });
    expect(decidePool(pool({ desired: 2 }), [cordoned, full])).toMatchObject({ create: 1, drain: [] });
  });

  it("says that there is no room where no node takes the replacement, and lets the old one be", () => {
    const replacement = pod("b", { state: "unscheduled", load: undefined });
    const decision = decidePool(pool(), [pod("a", { leaving: "Cordoned" }), replacement]);
    expect(decision).toMatchObject({ create: 0, drain: [], blocked: { reason: "NoRoom" } });
    expect(decision.blocked?.message).toContain("a (1 sessions)");
  });

  it("replaces one after the other where no device is free, if the others have headroom", () => {
    const old = (name: string) => pod(name, { revision: "old" });
    const decision = decidePool(pool({ desired: 2, maxSurge: 0 }), [old("a"), old("b")]);
    expect(decision.drain).toHaveLength(1);
    expect(decision.create).toBe(1);
  });

  it("does nothing new while it is paused", () => {
    const decision = decidePool(pool({ desired: 5, hold: { reason: "Paused", message: "" } }), [pod("a", { revision: "old" })]);
    expect(decision).toMatchObject({ create: 0, drain: [], blocked: { reason: "Paused" } });
  });
});

describe("a pool over time", () => {
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("scale" as const), to: fc.nat({ max: 6 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom("roll" as const, "cordon" as const, "crash" as const), to: fc.nat({ max: 9 }) }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("sessions" as const), to: fc.nat({ max: 12 }) }) },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant("time" as const), to: fc.nat({ max: 9 }) }) },
  );

  it("never deletes a pod that serves a session, keeps enough that admit, and comes to rest as wanted", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.nat({ max: 2 }), (events, maxSurge) => {
        const simulated = new SimulatedPool(maxSurge);
        for (const { kind, to } of events) simulated.happen(kind, to);
        simulated.rest();
        expect(simulated.violations).toEqual([]);
        expect(simulated.settled()).toBe("settled");
      }),
      { numRuns: 300 },
    );
  });
});
