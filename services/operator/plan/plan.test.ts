import { describe, expect, it } from "vitest";
import { explain } from "./explain.ts";
import { createPlanner } from "./greedy-planner.ts";
import type { Plan } from "./plan.ts";
import type { ModelNeed, PlanInput } from "./plan-input.ts";
import { bestFit } from "./policies/best-fit.ts";
import { poolName } from "./pool-name.ts";
import { deployed } from "./testing/deployed.ts";
import { demand, host, onCpu, onGpu, smallWorld, whole } from "./testing/small-world.ts";

const plan = createPlanner(bestFit);
const [here] = smallWorld().sites;
const [talk] = smallWorld().pipelines;
if (!here || !talk) throw new Error("the small world has a site and a pipeline");

describe("a plan", () => {
  it("has as many replicas as the measured capacity asks for", () => {
    const { pools, unplaced } = plan(
      smallWorld({ inventory: { hosts: [host("node-1", "here", 4)], quarantined: [] }, demand: demand(25) }),
    );
    expect(pools).toMatchObject([
      { members: [{ stage: "asr", models: ["ears"] }], share: whole, minReplicas: 0, maxReplicas: 3, sessions: [25] },
    ]);
    expect(unplaced).toEqual([]);
  });

  it("puts stages that leave a device half empty into one pack", () => {
    const models = [
      { name: "ears", stage: "asr", verified: true, needs: [onGpu(8000)] },
      { name: "mouth", stage: "tts", verified: true, needs: [onGpu(9000)] },
    ];
    const stages = models.map(({ name, stage }) => ({ stage, models: [name] }));
    const profiles = models.map(({ name }) => ({ model: name, acceleratorClass: "gpu", image: "image", sessions: 10 }));
    const { pools } = plan(smallWorld({ models, profiles, pipelines: [{ ...talk, stages }], demand: demand(5) }));
    expect(pools).toMatchObject([{ members: [{ stage: "asr" }, { stage: "tts" }], maxReplicas: 1, sessions: [5, 5] }]);
    expect(pools[0]?.message).toContain("100 % of their time, 17000 of 24000 MiB");
  });

  it("keeps a stage that needs no encoder off the devices that have one", () => {
    const plain = {
      ...host("node-2", "here", 0),
      offers: [{ acceleratorClass: "gpu", shareKind: "whole", count: 1, memoryMebibytes: 24_000, videoEncoders: 0, fraction: 1 }],
    };
    const { pools } = plan(smallWorld({ inventory: { hosts: [host("node-1", "here", 1), plain], quarantined: [] }, demand: demand(5) }));
    expect(pools[0]?.packs).toMatchObject([{ node: "node-2" }]);
  });

  it("keeps a replica running for what is guaranteed, though nobody uses it", () => {
    const quotas = [{ pipeline: "p/talk", guaranteed: 5, limit: 10, weight: 1 }];
    const { pools } = plan(smallWorld({ tenants: [{ name: "acme", residency: [], quotas }] }));
    expect(pools).toMatchObject([{ minReplicas: 1, maxReplicas: 1 }]);
  });

  it("places what is guaranteed before what others ask for", () => {
    const quota = (guaranteed: number) => [{ pipeline: "p/talk", guaranteed, limit: 100, weight: 1 }];
    const tenants = [
      { name: "acme", residency: [], quotas: quota(8) },
      { name: "many", residency: ["eu"], quotas: quota(0) },
    ];
    const asked = tenants.map(({ name }) => ({ pipeline: "p/talk", tenant: name, site: "here", sessions: name === "acme" ? 8 : 50 }));
    const { unplaced } = plan(smallWorld({ tenants, demand: asked }));
    expect(unplaced).toMatchObject([{ tenants: ["many"], sessions: 48, reason: "NoCapacity" }]);
  });

  describe("where places are short", () => {
    const read = { ...talk, name: "p/read", stages: [{ stage: "tts", models: ["mouth"] }] };
    const served = (model: string, acceleratorClass: string) => ({ model, acceleratorClass, image: "image", sessions: 10 });
    const world = (ears: readonly ModelNeed[], mouth: readonly ModelNeed[]) =>
      smallWorld({
        inventory: { hosts: [host("node-1", "here", 1, { millicores: 2000 })], quarantined: [] },
        classes: [
          { name: "gpu", pricePerHourMicros: 100_000, partitions: [] },
          { name: "cpu", pricePerHourMicros: 40_000, partitions: [] },
        ],
        models: [
          { name: "ears", stage: "asr", verified: true, needs: ears },
          { name: "mouth", stage: "tts", verified: true, needs: mouth },
        ],
        profiles: ["ears", "mouth"].flatMap((model) => [served(model, "gpu"), served(model, "cpu")]),
        pipelines: [talk, read],
        templates: { tts: { hostMillicores: 1000, hostMemoryMebibytes: 0 } },
      });

    it("leaves the CPU that a free device needs to the device, as long as anybody wants the device", () => {
      const both = world([onCpu(1000)], [onGpu(8000)]);
      const { unplaced } = plan({ ...both, demand: [...demand(20), ...demand(5, "here", "p/read")] });
      expect(unplaced).toMatchObject([{ pipeline: "p/talk", sessions: 10, reason: "NoCapacity" }]);
      expect(plan({ ...both, demand: demand(20) }).unplaced).toEqual([]);
    });

    it("leaves the last of a kind to those who can run on nothing else, and takes the cheapest where all find a place", () => {
      const both = world([onCpu(1000), onGpu(8000)], [onCpu(1000)]);
      const classesOf = ({ pools }: Plan) =>
        pools.map((pool) => [pool.acceleratorClass, ...pool.members.map(({ stage }) => stage)].join(" "));
      const short = plan({ ...both, demand: [...demand(20), ...demand(10, "here", "p/read")] });
      expect(short.unplaced).toEqual([]);
      expect(classesOf(short).sort()).toEqual(["cpu asr", "cpu tts", "gpu asr"]);
      expect(classesOf(plan({ ...both, demand: demand(20) }))).toEqual(["cpu asr"]);
    });
  });

  it("gives idle packs up only where their place is needed, and says who waits", () => {
    const models = [...smallWorld().models, { name: "mouth", stage: "tts", verified: true, needs: [onGpu(20_000)] }];
    const profiles = [...smallWorld().profiles, { model: "mouth", acceleratorClass: "gpu", image: "image", sessions: 10 }];
    const pipelines = [talk, { ...talk, name: "p/read", stages: [{ stage: "tts", models: ["mouth"] }] }];
    const world = smallWorld({ models, profiles, pipelines, demand: demand(5) });
    const pools = deployed(plan(world));
    const calm = plan({ ...world, pools, demand: [] });
    expect(calm.leaving).toEqual([]);
    expect(calm.pools).toMatchObject([{ maxReplicas: 1, reason: "Idle" }]);
    const wanted = plan({ ...world, pools, demand: demand(5, "here", "p/read") });
    expect(wanted.leaving).toMatchObject([{ reason: "Reclaimed", message: expect.stringContaining("p/read") }]);
    expect(wanted.unplaced).toMatchObject([{ reason: "WaitingForDrain" }]);
    const draining = pools.map((pool) => ({
      ...pool,
      replicas: pool.replicas.map((replica) => ({ ...replica, state: "leaving" as const })),
    }));
    expect(plan({ ...world, pools: draining, demand: demand(5, "here", "p/read") }).unplaced).toMatchObject([
      { reason: "WaitingForDrain" },
    ]);
    expect(plan({ ...world, demand: demand(5, "here", "p/read") }).unplaced).toEqual([]);
  });

  it("moves packs to a cheaper site step by step, the new pack first", () => {
    const near = { ...here, name: "near", priceFactorPercent: 50, roundTrips: [{ site: "here", milliseconds: 5 }] };
    const world = smallWorld({ demand: demand(10), options: { headroomPercent: 0, maxMoves: 1, minSavingPercent: 20 } });
    const pools = deployed(plan(world));
    const bigger = {
      ...world,
      pools,
      sites: [here, near],
      inventory: { hosts: [host("node-1", "here", 1), host("node-2", "near", 1)], quarantined: [] },
    };
    const after = plan(bigger);
    expect(after.leaving).toMatchObject([{ reason: "Moved" }]);
    expect(after.pools.map(({ site, maxReplicas, sessions }) => [site, maxReplicas, sessions])).toEqual(
      expect.arrayContaining([
        ["here", 1, [0]],
        ["near", 1, [10]],
      ]),
    );
    expect(plan({ ...bigger, options: { ...bigger.options, maxMoves: 0 } }).leaving).toEqual([]);
  });

  it("leaves sessions at the site where the plan before had them, though another is as good", () => {
    const site = (name: string, state: "open" | "paused" = "open") => ({
      ...{ ...here, name, state },
      roundTrips: ["a", "b", "here"].filter((other) => other !== name).map((other) => ({ site: other, milliseconds: 5 })),
    });
    const hosts = [host("node-a", "a", 1), host("node-b", "b", 1)];
    const world = smallWorld({ inventory: { hosts, quarantined: [] }, demand: demand(5) });
    const atB = plan({ ...world, sites: [site("here"), site("a", "paused"), site("b")] });
    const atA = plan({ ...world, sites: [site("here"), site("a"), site("b", "paused")] });
    const both = { ...world, sites: [site("here"), site("a"), site("b")], pools: [...deployed(atA), ...deployed(atB)] };
    const sitesOf = (previous: typeof atA | undefined) =>
      plan({ ...both, ...(previous && { previous }) }).routes.map(({ stages }) => stages[0]?.site);
    expect(sitesOf(atA)).toEqual(["a"]);
    expect(sitesOf(atB)).toEqual(["b"]);
  });

  it("hints at a cut of free devices that would help, and counts only partitions that exist", () => {
    const need = onGpu(4000, { share: { partition: "tenth" } });
    const models = [{ name: "ears", stage: "asr", verified: true, needs: [need] }];
    const classes = [{ name: "gpu", pricePerHourMicros: 900_000, partitions: [{ name: "tenth", perDevice: 7 }] }];
    const { hints, unplaced } = plan(smallWorld({ models, classes, demand: demand(5) }));
    expect(unplaced).toMatchObject([{ reason: "NoSuchPartition" }]);
    expect(hints).toMatchObject([{ reason: "CutWouldHelp", message: expect.stringContaining("gives 7 places") }]);
  });
});

describe("what is not placed names its reason:", () => {
  const far = { ...here, name: "far", residency: ["us"], roundTrips: [{ site: "here", milliseconds: 80 }] };
  const cases: Record<string, Partial<PlanInput>> = {
    PipelineUnknown: { demand: demand(5, "here", "p/other") },
    ModelUnknown: { models: [] },
    ModelNotVerified: { models: [{ name: "ears", stage: "asr", verified: false, needs: [onGpu(8000)] }] },
    NoCommonClass: { models: [{ name: "ears", stage: "asr", verified: true, needs: [] }] },
    NoSites: { sites: [] },
    SitesLost: { sites: [{ ...here, state: "lost" }] },
    SiteNotNamed: { pipelines: [{ ...talk, sites: ["elsewhere"] }] },
    Residency: { pipelines: [{ ...talk, residency: ["cn"] }] },
    RoundTripToGateway: { sites: [far, { ...here, state: "lost" }], inventory: { hosts: [host("node-1", "far", 1)], quarantined: [] } },
    NoMatchingClass: { inventory: { hosts: [host("node-1", "here", 0)], quarantined: [] } },
    Quarantined: {
      inventory: {
        hosts: [host("node-1", "here", 0)],
        quarantined: [
          { node: "node-1", site: "here", acceleratorClass: "gpu", source: "gpu", count: 4, reason: "TimeSliced", message: "shared" },
        ],
      },
    },
    TooLarge: { models: [{ name: "ears", stage: "asr", verified: true, needs: [onGpu(30_000)] }] },
    NoVideoEncoder: {
      models: [{ name: "ears", stage: "asr", verified: true, needs: [onGpu(8000, { videoEncoder: true })] }],
      inventory: {
        hosts: [
          {
            ...host("node-1", "here", 1),
            offers: [{ acceleratorClass: "gpu", shareKind: "whole", count: 1, memoryMebibytes: 24_000, videoEncoders: 0, fraction: 1 }],
          },
        ],
        quarantined: [],
      },
    },
    NotProfiled: { profiles: [] },
    TooSlow: { profiles: [{ model: "ears", acceleratorClass: "gpu", image: "image", sessions: 0 }] },
    SitesClosed: { sites: [{ ...here, state: "cut" }] },
    Contradicted: { exclusions: [{ site: "here", acceleratorClass: "gpu", share: whole, untilMs: 1, message: "a pod found no node" }] },
    NodesClosed: {
      inventory: { hosts: [host("node-1", "here", 1, { closed: { reason: "Cordoned", message: "node-1 is cordoned" } })], quarantined: [] },
    },
    NoCapacity: { demand: demand(15) },
    OverLimit: {
      tenants: [{ name: "acme", residency: [], quotas: [{ pipeline: "p/talk", guaranteed: 0, limit: 2, weight: 1 }] }],
      demand: [{ pipeline: "p/talk", tenant: "acme", site: "here", sessions: 5 }],
    },
    RoundTripInsidePipeline: {
      sites: [here, { ...far, residency: ["eu"], roundTrips: [{ site: "here", milliseconds: 80 }] }],
      inventory: { hosts: [host("node-1", "here", 1, { cpuClass: undefined }), host("node-2", "far", 0)], quarantined: [] },
      models: [...smallWorld().models, { name: "mouth", stage: "tts", verified: true, needs: [onCpu(1000)] }],
      profiles: [...smallWorld().profiles, { model: "mouth", acceleratorClass: "cpu", image: "image", sessions: 5 }],
      pipelines: [{ ...talk, stages: [...talk.stages, { stage: "tts", models: ["mouth"] }] }],
      tenants: [{ name: "acme", residency: [], quotas: [{ pipeline: "p/talk", guaranteed: 2, limit: 2, weight: 1 }] }],
      demand: [],
    },
  };
  for (const [reason, more] of Object.entries(cases))
    it(reason, () => {
      const { unplaced } = plan(smallWorld({ demand: demand(5), ...more }));
      expect(unplaced.map((one) => one.reason)).toEqual([reason]);
      expect(unplaced[0]?.message.length).toBeGreaterThan(10);
    });

  it("and one replica measures what nobody has measured", () => {
    const { pools } = plan(smallWorld({ profiles: [], demand: demand(5) }));
    expect(pools).toMatchObject([{ minReplicas: 1, maxReplicas: 1, reason: "Measuring" }]);
  });
});

describe("names of pools", () => {
  const identity = { site: "here", acceleratorClass: "gpu", share: whole, members: [{ stage: "asr", models: ["b", "a"] }] };

  it("are readable, the same for the same pool, and others for others", () => {
    expect(poolName(identity)).toMatch(/^asr-here-gpu-[0-9a-f]{8}$/);
    expect(poolName({ ...identity, members: [{ stage: "asr", models: ["a", "b"] }] })).toBe(poolName(identity));
    expect(poolName({ ...identity, members: [{ stage: "asr", models: ["a"] }] })).not.toBe(poolName(identity));
    expect(poolName({ ...identity, share: { cpuMillicores: 500 } })).not.toBe(poolName(identity));
  });

  it("fit the kind's limit however long the parts are", () => {
    const long = poolName({ ...identity, site: "a".repeat(40), acceleratorClass: "B_".repeat(20) });
    expect(long).toMatch(/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/);
  });
});

describe("explain", () => {
  it("says of a pipeline where it runs, and what has no place, why", () => {
    const conditions = [
      {
        type: "Resolved",
        status: "True" as const,
        reason: "AllFound",
        message: "all there",
        observedGeneration: 1,
        lastTransitionTime: "",
      },
      {
        type: "Placed",
        status: "False" as const,
        reason: "NoCapacity",
        message: "some have no place",
        observedGeneration: 1,
        lastTransitionTime: "",
      },
    ];
    expect(explain({ kind: "Pipeline", name: "p/talk", conditions, plan: plan(smallWorld({ demand: demand(15) })) })).toBe(
      [
        "Pipeline p/talk",
        "  Placed    False    NoCapacity: some have no place",
        "  Resolved  True     AllFound: all there",
        "",
        "Placed",
        "  10 sessions from here: asr at here",
        "Without a place",
        "  5 sessions of p/talk from here (asr). NoCapacity: at here nothing is free for asr=ears (a whole gpu with 8000 MiB)",
      ].join("\n"),
    );
  });

  it("says of a pool what the plan and the autoscaler want with it", () => {
    const made = plan(smallWorld({ demand: demand(5) }));
    const scale = { replicas: 1, reason: "DemandGrew", message: "0.50 replicas' work is expected, 0 replicas are wanted" };
    const text = explain({ kind: "StagePool", name: `troupe-system/${made.pools[0]?.name}`, conditions: [], plan: made, scale });
    expect(text).toContain("0 to 1 of whole gpu at here; sessions: asr 5");
    expect(text).toContain("1 replica. DemandGrew");
  });
});
