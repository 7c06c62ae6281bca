import { plan as planning } from "@troupe/operator";
import { median, quantile, type Report } from "@troupe/report";
import type { Benchmark } from "../bench/benchmark.ts";
import { fleetWorld } from "./fleet-world.ts";
import { lowerBound } from "./lower-bound.ts";

const { bestFit, createPlanner, firstFit, verifyPlan } = planning;
const shape = { sites: 20, tenants: 50, pipelines: 8, seed: 6 };
const sizes = [
  { ...shape, name: "200 nodes", nodes: 200, maxSessions: 6 },
  { ...shape, name: "200 nodes, a little short of places", nodes: 200, maxSessions: 12 },
  { ...shape, name: "200 nodes, very short of places", nodes: 200, maxSessions: 40 },
  { ...shape, name: "1,000 nodes", nodes: 1000, maxSessions: 30 },
];
const defaultRuns = 5;
/** A planner works every ten seconds at most; a plan must not fill that. */
const aimMs = 2000;
/** Of the sessions that the bound places. */
const aimPlaced = 0.75;

interface Measured {
  readonly name: string;
  readonly asked: number;
  readonly bound: Awaited<ReturnType<typeof lowerBound>>;
  readonly policies: readonly PolicyRun[];
  readonly again: { readonly ms: number; readonly asked: number; readonly moved: number; readonly opened: number };
}

interface PolicyRun {
  readonly policy: string;
  readonly ms: readonly number[];
  readonly unplaced: number;
  readonly pricePerHourMicros: number;
  readonly pools: number;
  readonly packs: number;
}

export const planBenchmark: Benchmark = {
  name: "plan",
  description: "placement: price against a lower bound, time, and what a change of demand moves",
  counts: `plans timed for each size (default ${defaultRuns})`,
  limitS: 300,
  async run({ step, signal, count = defaultRuns }) {
    const results: Measured[] = [];
    for (const size of sizes) {
      signal.throwIfAborted();
      step(size.name);
      results.push(await measure(size, count));
    }
    return reportOf(results);
  },
};

async function measure({ name, ...size }: (typeof sizes)[number], count: number): Promise<Measured> {
  const world = fleetWorld(size);
  const policies = [bestFit, firstFit].map((policy): PolicyRun => {
    const planner = createPlanner(policy);
    const ms = Array.from({ length: count }, () => cpuMs(() => planner(world)).ms);
    const plan = planner(world);
    const wrong = verifyPlan(world, plan);
    if (wrong.length > 0) throw new Error(`${policy.name} breaks a rule: ${wrong[0]}`);
    const packs = plan.pools.reduce((sum, { maxReplicas }) => sum + maxReplicas, 0);
    return {
      policy: policy.name,
      ms,
      unplaced: sum(plan.unplaced),
      pricePerHourMicros: plan.pricePerHourMicros,
      pools: plan.pools.length,
      packs,
    };
  });
  return { name, asked: sum(world.demand), bound: await lowerBound(world), policies, again: replan(world) };
}

/** The world in which the plan runs, with a tenth more demand everywhere, rounded up. */
function replan(world: planning.PlanInput): Measured["again"] {
  const planner = createPlanner(bestFit);
  const first = planner(world);
  const pools = first.pools.map((pool) => ({
    ...pool,
    replicas: pool.packs.map(({ node }, at) => ({
      name: `${pool.name}-${at}`,
      ...(node !== undefined && { node }),
      state: "running" as const,
    })),
  }));
  const demand = world.demand.map((one) => ({ ...one, sessions: Math.ceil(one.sessions * 1.1) }));
  const { result: after, ms } = cpuMs(() => planner({ ...world, demand, pools, previous: first }));
  const opened = after.pools.reduce((total, { packs }) => total + packs.filter(({ replica }) => replica === undefined).length, 0);
  return { ms, asked: sum(demand), moved: after.leaving.length, opened };
}

/** CPU time of this process, since other work may share the machine. */
function cpuMs<T>(run: () => T): { readonly result: T; readonly ms: number } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { result, ms: (user + system) / 1000 };
}

function reportOf(results: readonly Measured[]): Report {
  const dollars = (micros: number) => (micros / 1_000_000).toFixed(2);
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const worst = Math.min(...results.flatMap(({ asked, bound, policies: [first] }) => (first ? [placedPart(first, bound, asked)] : [])));
  const slowest = Math.max(...results.flatMap(({ policies }) => median(policies[0]?.ms ?? [])));
  return {
    title: "Placement",
    method: [
      `Simulated fleets (loadtest/plan/fleet-world.ts): ${shape.sites} sites 5 to 125 ms apart, ${shape.tenants} tenants of which a third may run in one or two of three regions only, ${shape.pipelines} pipelines of five stages with a round-trip limit of 50 ms, five classes (one cut into sevenths, two with encoders, CPU). Prices and capacities are drawn; nothing of it was measured on a device.`,
      "The bound is a linear programme (HiGHS) that may cut sessions and replicas at will, takes the machines of a site for one, and ignores encoders and what stages of a pack need of a device's memory together: no plan is better, and most likely none reaches it. Prices are compared over the sessions that were placed.",
      "Every plan passed the independent check of all rules (verifyPlan). Times are CPU time of one process (user and system, compiler and garbage collector included).",
    ],
    tables: [
      {
        title: "Against the lower bound",
        head: [
          "world",
          "policy",
          "sessions",
          "unplaced",
          "unplaced at least",
          "placed, of those the bound places",
          "price / h",
          "bound",
          "price per placed session / bound",
          "pools",
          "packs",
          "plan CPU p50 ms",
          "plan CPU max ms",
        ],
        rows: results.flatMap(({ name, asked, bound, policies }) =>
          policies.map((run) => [
            ...[
              name,
              run.policy,
              asked,
              run.unplaced,
              Math.round(bound.unplaced),
              percent(placedPart(run, bound, asked)),
              dollars(run.pricePerHourMicros),
              dollars(bound.pricePerHourMicros),
            ],
            ...[ratio(run, bound, asked).toFixed(3), run.pools, run.packs, median(run.ms).toFixed(0), quantile(run.ms, 1).toFixed(0)],
          ]),
        ),
      },
      {
        title: "More demand everywhere, on a running plan",
        head: ["world", "sessions before", "sessions after", "packs running", "given up", "opened", "CPU ms"],
        rows: results.map(({ name, asked, policies, again }) => [
          name,
          asked,
          again.asked,
          policies[0]?.packs ?? 0,
          again.moved,
          again.opened,
          again.ms.toFixed(0),
        ]),
      },
    ],
    aims: [
      {
        what: "CPU time of a plan, slowest world, p50",
        aim: `<= ${aimMs} ms`,
        measured: `${slowest.toFixed(0)} ms`,
        met: slowest <= aimMs,
      },
      {
        what: "sessions placed, of those the bound places, worst world",
        aim: `>= ${percent(aimPlaced)}`,
        measured: percent(worst),
        met: worst >= aimPlaced,
      },
    ],
    raw: { results },
  };
}

const placedPart = (run: PolicyRun, bound: Measured["bound"], asked: number): number => (asked - run.unplaced) / (asked - bound.unplaced);

const ratio = (run: PolicyRun, bound: Measured["bound"], asked: number): number =>
  run.pricePerHourMicros / (asked - run.unplaced) / (bound.pricePerHourMicros / (asked - bound.unplaced));

const sum = (list: readonly { readonly sessions: number }[]): number => list.reduce((total, { sessions }) => total + sessions, 0);
