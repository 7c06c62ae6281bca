import { shareKind } from "../inventory/index.ts";
import type { Plan, PlannedPool } from "./plan.ts";
import type { ExistingPool, PlanInput, PlanStage } from "./plan-input.ts";
import { poolKey } from "./pool-name.ts";
import { verifyMachines } from "./verify-machines.ts";
import { verifyRoutes } from "./verify-routes.ts";

/** What is wrong with a plan; empty: nothing. Shares no code with any planner but the names of things. */
export function verifyPlan(input: PlanInput, plan: Plan): string[] {
  return [
    ...verifyMachines(input, plan),
    ...verifyPools(input, plan),
    ...verifyRoutes(input, plan),
    ...verifyServing(input, plan),
    ...verifyNothingForgotten(input, plan),
  ];
}

function verifyPools(input: PlanInput, plan: Plan): string[] {
  const wrong: string[] = [];
  const names = new Set(plan.pools.map(({ name }) => name));
  if (names.size !== plan.pools.length) wrong.push("two pools of one name");
  for (const pool of plan.pools) {
    const { name, minReplicas, maxReplicas, packs, members } = pool;
    if (minReplicas < 0 || minReplicas > maxReplicas || maxReplicas !== packs.length)
      wrong.push(`${name}: ${minReplicas} to ${maxReplicas}`);
    if (new Set(members.map(({ stage }) => stage)).size !== members.length) wrong.push(`${name}: a stage twice`);
    if (name.length > 63 || !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) wrong.push(`${name} is no name`);
    const before = input.pools.find((one) => one.name === name);
    if (before && poolKey(before) !== poolKey(pool)) wrong.push(`${name} changed what it is`);
    const site = input.sites.find((one) => one.name === pool.site);
    const isNew = packs.some(({ replica }) => replica === undefined);
    if (site?.state !== "open" && isNew) wrong.push(`${name} is new at ${pool.site}, which is ${site?.state}`);
    wrong.push(...verifyExclusions(input, pool));
  }
  return wrong;
}

function verifyExclusions({ exclusions, nowMs }: PlanInput, pool: PlannedPool): string[] {
  const hit = exclusions.filter(
    (one) =>
      one.untilMs > nowMs && one.site === pool.site && one.acceleratorClass === pool.acceleratorClass && excludes(one.share, pool.share),
  );
  return pool.packs
    .filter(({ node, replica }) => replica === undefined && hit.some((one) => one.node === undefined || one.node === node))
    .map(({ node }) => `${pool.name} is new on ${node} in spite of an exclusion`);
}

function excludes(a: PlannedPool["share"], b: PlannedPool["share"]): boolean {
  if ("cpuMillicores" in a) return "cpuMillicores" in b && b.cpuMillicores >= a.cpuMillicores;
  return shareKind(a) === shareKind(b);
}

const keyOf = (site: string, { stage, models }: PlanStage): string => `${site}|${stage}|${[...models].sort()}`;

/** The sessions that routes send to a site are those that its pools serve, in the time that was measured. */
function verifyServing(input: PlanInput, plan: Plan): string[] {
  const wrong: string[] = [];
  const routed = new Map<string, number>();
  for (const { pipeline, stages, sessions } of plan.routes)
    for (const { stage, site } of stages) {
      const member = input.pipelines.find(({ name }) => name === pipeline)?.stages.find((one) => one.stage === stage);
      if (member) routed.set(keyOf(site, member), (routed.get(keyOf(site, member)) ?? 0) + sessions);
    }
  const moved = new Set(plan.leaving.map(({ replica }) => replica));
  for (const pool of plan.pools) {
    let time = 0;
    for (const [at, member] of pool.members.entries()) {
      const sessions = pool.sessions[at] ?? 0;
      routed.set(keyOf(pool.site, member), (routed.get(keyOf(pool.site, member)) ?? 0) - sessions);
      if (sessions > 0) time += sessions / capacity(input, pool, member);
    }
    const usable = pool.packs.filter(({ replica }) => replica === undefined || !moved.has(replica)).length;
    if (!(time <= usable + 1e-6)) wrong.push(`${pool.name}: ${time} replicas' work on ${usable}`);
  }
  for (const [key, difference] of routed) if (difference !== 0) wrong.push(`${key}: ${difference} sessions routed to nowhere`);
  return wrong;
}

function capacity(input: PlanInput, pool: PlannedPool, { stage, models }: PlanStage): number {
  const image = input.templates[stage]?.image;
  return Math.min(
    ...models.map((model) => {
      const fitting = input.profiles.filter(
        (profile) =>
          profile.model === model &&
          profile.acceleratorClass === pool.acceleratorClass &&
          (image === undefined || profile.image === image) &&
          (!profile.share || shareKind(profile.share) === shareKind(pool.share)),
      );
      return fitting.length > 0 ? Math.min(...fitting.map(({ sessions }) => sessions)) : 0;
    }),
  );
}

/** Every session that was asked for is routed, or unplaced with a reason. */
function verifyNothingForgotten(input: PlanInput, plan: Plan): string[] {
  const wrong: string[] = [];
  for (const one of plan.unplaced) {
    if (!one.reason || !one.message || one.sessions < 1) wrong.push(`${one.pipeline}: unplaced without a reason`);
  }
  for (const pipeline of new Set(input.demand.map((one) => one.pipeline))) {
    const of = <T extends { readonly pipeline: string; readonly origin: string | undefined }>(list: readonly T[]) =>
      list.filter((one) => one.pipeline === pipeline && one.origin !== undefined);
    const asked = sum(input.demand.filter((one) => one.pipeline === pipeline));
    const routed = sum(of(plan.routes).filter(({ tier }) => tier !== "headroom"));
    if (routed + sum(of(plan.unplaced)) !== asked)
      wrong.push(`${pipeline}: ${asked} asked, ${routed} routed, ${sum(of(plan.unplaced))} unplaced`);
  }
  return wrong;
}

const sum = (list: readonly { readonly sessions: number }[]): number => list.reduce((total, { sessions }) => total + sessions, 0);

/** Existing replicas that a plan neither keeps nor lets go; of use to tests of stability. */
export function unaccounted(pools: readonly ExistingPool[], plan: Plan): string[] {
  const known = new Set([
    ...plan.leaving.map(({ replica }) => replica),
    ...plan.pools.flatMap(({ packs }) => packs.flatMap(({ replica }) => replica ?? [])),
  ]);
  return pools.flatMap(({ replicas }) =>
    replicas.filter(({ name, state }) => state !== "leaving" && !known.has(name)).map(({ name }) => name),
  );
}
