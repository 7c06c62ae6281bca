import type { StagePool } from "@troupe/kinds";
import { describe, expect, it } from "vitest";
import { bestFit, createPlanner } from "../plan/index.ts";
import { demand, host, smallWorld } from "../plan/testing/small-world.ts";
import { pinnedReplicas } from "./pinned.ts";
import { poolLoad, poolLoadAlone } from "./pool-load.ts";

const input = smallWorld({ inventory: { hosts: [host("node-1", "here", 4)], quarantined: [] }, demand: demand(20) });
const plan = createPlanner(bestFit)(input);
const [planned] = plan.pools;
if (!planned) throw new Error("the plan has a pool");
const count = (active: number, refused = 0, site = "here") => ({ site, pipeline: "p/talk", stage: "asr", active, refused });

describe("the load of a pool", () => {
  it("follows today's demand along the plan's routes, refused sessions among it", () => {
    expect(poolLoad(planned, { plan, input }, [count(30, 5)], "")).toEqual([{ sessions: 35, perReplica: 10 }]);
    expect(poolLoad(planned, { plan, input }, [{ ...count(7), pipeline: "" }], "p/talk")).toEqual([{ sessions: 7, perReplica: 10 }]);
  });

  it("is unknown while nobody reports, and nothing where no route leads here", () => {
    expect(poolLoad(planned, { plan, input }, undefined, "")).toMatchObject([{ sessions: undefined }]);
    expect(poolLoad(planned, { plan, input }, [count(30, 0, "elsewhere")], "")).toMatchObject([{ sessions: 0 }]);
  });

  it("without a plan is the stage's demand at the site, by the pools' bounds, on what their replicas announced", () => {
    const poolOf = (name: string, maxReplicas: number) =>
      ({ metadata: { name }, spec: { site: "here", members: [{ stage: "asr", models: [] }], maxReplicas } }) as unknown as StagePool;
    const pools = [poolOf("a", 3), poolOf("b", 1)];
    const replicas = [{ pool: "a", stage: "asr", sessions: 2, headroom: 6, capacity: 8 }];
    const view = { pools, demand: [count(30, 10)], replicas };
    expect(pools.map((pool) => poolLoadAlone(pool, view))).toEqual([
      [{ sessions: 30, perReplica: 8 }],
      [{ sessions: 10, perReplica: undefined }],
    ]);
  });
});

describe("pinned replicas", () => {
  const replica = (stage: string, sessions: number, headroom: number) => ({ pool: "a", stage, sessions, headroom, capacity: 0 });

  it("are as many as hold all sessions, the roomiest first", () => {
    expect(pinnedReplicas([replica("asr", 2, 6), replica("asr", 1, 7), replica("asr", 3, 0)])).toBe(1);
    expect(pinnedReplicas([replica("asr", 8, 0), replica("asr", 8, 0), replica("asr", 1, 7)])).toBe(3);
    expect(pinnedReplicas([replica("asr", 0, 8)])).toBe(0);
  });

  it("are those of the stage that needs most", () => {
    expect(pinnedReplicas([replica("asr", 1, 7), replica("asr", 1, 7), replica("tts", 4, 0), replica("tts", 4, 0)])).toBe(2);
  });
});
