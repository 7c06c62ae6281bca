import type { StagePool } from "@troupe/kinds";
import { type MemberLoad, sessionsByPipeline } from "../autoscale/index.ts";
import type { PlannedPool, PlanStage } from "../plan/index.ts";
import { memberKey } from "../plan/index.ts";
import type { ReplicaLoad, SiteDemand } from "./demand-source.ts";
import type { KnownPlan } from "./plan-store.ts";

/**
 * What each stage of a pool has to serve now: today's demand, spread over sites and pools as the plan spread its own. So a pool follows
 * the demand between two plans.
 * @param demand undefined: nobody has reported
 */
export function poolLoad(
  pool: PlannedPool,
  known: KnownPlan,
  demand: readonly SiteDemand[] | undefined,
  defaultPipeline: string,
): MemberLoad[] {
  const at = demand && sessionsAtSite(known, demand, pool.site, defaultPipeline);
  return pool.members.map((member, index) => {
    const key = memberKey(member);
    const sessions = at && (at.get(key) ?? 0) * shareOfPool(pool, index, key, known);
    return { sessions, perReplica: measured(pool, member, known) };
  });
}

/**
 * The same where no plan is known: an operator that has just started, or a site whose pools a hub plans. Each stage's demand at the site
 * goes to its pools by their most replicas; a replica serves what those of the pool have announced.
 */
export function poolLoadAlone(pool: StagePool, { pools, demand, replicas }: LoadView): MemberLoad[] {
  const here = demand?.filter(({ site }) => site === pool.spec.site);
  return pool.spec.members.map(({ stage }) => {
    const serving = pools.filter(({ spec }) => spec.site === pool.spec.site && spec.members.some((member) => member.stage === stage));
    const all = serving.reduce((sum, { spec }) => sum + spec.maxReplicas, 0);
    const asked = here?.filter((one) => one.stage === stage).reduce((sum, { active, refused }) => sum + active + refused, 0);
    const capacities = replicas.filter((one) => one.pool === pool.metadata.name && one.stage === stage && one.capacity > 0);
    return {
      sessions: asked === undefined || all === 0 ? asked : (asked * pool.spec.maxReplicas) / all,
      perReplica: capacities.length > 0 ? Math.min(...capacities.map(({ capacity }) => capacity)) : undefined,
    };
  });
}

export interface LoadView {
  readonly pools: readonly StagePool[];
  readonly demand: readonly SiteDemand[] | undefined;
  readonly replicas: readonly ReplicaLoad[];
}

/** Sessions now, by stage and models, that the plan's routes bring to a site. */
function sessionsAtSite(
  { plan, input }: KnownPlan,
  demand: readonly SiteDemand[],
  site: string,
  defaultPipeline: string,
): Map<string, number> {
  const result = new Map<string, number>();
  for (const [origin, counts] of Map.groupBy(demand, (one) => one.site)) {
    for (const [named, sessions] of sessionsByPipeline(counts)) {
      const name = named || defaultPipeline;
      const routes = plan.routes.filter((route) => route.pipeline === name && route.origin === origin);
      const total = routes.reduce((sum, route) => sum + route.sessions, 0);
      const stages = input.pipelines.find((pipeline) => pipeline.name === name)?.stages ?? [];
      for (const stage of stages) {
        const here = routes.filter((route) => route.stages.some((one) => one.stage === stage.stage && one.site === site));
        const planned = here.reduce((sum, route) => sum + route.sessions, 0);
        if (planned > 0) result.set(memberKey(stage), (result.get(memberKey(stage)) ?? 0) + (sessions * planned) / total);
      }
    }
  }
  return result;
}

/** Of what a site serves of a stage, the pool's part. */
function shareOfPool(pool: PlannedPool, index: number, key: string, { plan }: KnownPlan): number {
  let all = 0;
  for (const one of plan.pools) {
    if (one.site !== pool.site) continue;
    for (const [at, member] of one.members.entries()) if (memberKey(member) === key) all += one.sessions[at] ?? 0;
  }
  return all > 0 ? (pool.sessions[index] ?? 0) / all : 0;
}

/** As the plan reads the profiles: the least of all models of the stage, of the image that runs. */
function measured(pool: PlannedPool, { stage, models }: PlanStage, { input }: KnownPlan): number | undefined {
  const image = input.templates[stage]?.image;
  const each = models.map((model) => {
    const fitting = input.profiles.filter(
      (profile) =>
        profile.model === model && profile.acceleratorClass === pool.acceleratorClass && (image === undefined || profile.image === image),
    );
    return fitting.length > 0 ? Math.min(...fitting.map(({ sessions }) => sessions)) : undefined;
  });
  return each.some((one) => one === undefined) ? undefined : Math.min(...(each as number[]));
}
