import { ServiceError } from "@troupe/errors";
import type { plan } from "@troupe/operator";
import highs from "highs";
import { LinearProgramme } from "./linear-programme.ts";

type PlanInput = plan.PlanInput;

const loadHighs = highs as unknown as () => Promise<Solver>;

/** The one call that is used; the package describes its CommonJS face, and this is imported as a module. */
interface Solver {
  solve(
    problem: string,
    options: Readonly<Record<string, string>>,
  ): { readonly Status: string; readonly ObjectiveValue: number; readonly Columns: unknown };
}

export interface LowerBound {
  /** Sessions that no plan can place. */
  readonly unplaced: number;
  /** No plan that places all others is cheaper, per hour. */
  readonly pricePerHourMicros: number;
  readonly variables: number;
}

/**
 * What no plan can beat, by a linear programme (HiGHS): sessions and replicas may be cut at will, stages of a session may lie anywhere
 * that residency and the round trip to the gateway allow, and memory is not looked at, except that a share must hold the stage alone.
 * Left are the time of replicas, how many places of each kind a site has, and its CPU. Unplaced sessions cost more than any place.
 */
export async function lowerBound(input: PlanInput): Promise<LowerBound> {
  const programme = new LinearProgramme();
  const missing: string[] = [];
  for (const [at, group] of groupDemand(input).entries()) {
    const left = programme.variable(unplacedCost);
    missing.push(left);
    for (const [index, member] of group.stages.entries()) {
      const row = `demand ${at} ${index}`;
      programme.add(row, 1, left);
      for (const option of optionsOf(input, member.models[0] ?? ""))
        for (const site of group.sites) addOption(programme, input, { row, site, option });
      programme.limit(row, "=", group.sessions);
    }
  }
  const limits = placesOf(input);
  for (const [row, limit] of limits) programme.limit(row, "<=", limit);
  const solution = (await loadHighs()).solve(programme.text(), { solver: "ipm", run_crossover: "off" });
  if (solution.Status !== "Optimal") throw new ServiceError("INTERNAL", `the linear programme is ${solution.Status}`);
  const columns = solution.Columns as Readonly<Record<string, { readonly Primal?: number }>>;
  const unplaced = missing.reduce((sum, name) => sum + (columns[name]?.Primal ?? 0), 0);
  return { unplaced, pricePerHourMicros: solution.ObjectiveValue - unplaced * unplacedCost, variables: programme.variables };
}

/** More than any place of all stages of a session. */
const unplacedCost = 1_000_000_000;

/** A model on one class. */
interface Option {
  readonly acceleratorClass: string;
  /** Of a device, or of a core. */
  readonly part: number;
  readonly cpuMillicores: number;
  readonly sessions: number;
  readonly pricePerHourMicros: number;
}

function optionsOf(input: PlanInput, name: string): Option[] {
  const model = input.models.find((one) => one.name === name);
  return (model?.needs ?? []).flatMap(({ acceleratorClass, share }) => {
    const sessions = input.profiles.find((one) => one.model === name && one.acceleratorClass === acceleratorClass)?.sessions ?? 0;
    const found = input.classes.find((one) => one.name === acceleratorClass);
    if (sessions === 0 || !found) return [];
    const cpuMillicores = "cpuMillicores" in share ? share.cpuMillicores : 0;
    const part = cpuMillicores > 0 ? cpuMillicores / 1000 : "partition" in share ? 1 / (found.partitions[0]?.perDevice ?? 1) : 1;
    return [{ acceleratorClass, part, cpuMillicores, sessions, pricePerHourMicros: found.pricePerHourMicros }];
  });
}

function addOption(
  programme: LinearProgramme,
  input: PlanInput,
  { row, site, option }: { row: string; site: string; option: Option },
): void {
  const { acceleratorClass, part, cpuMillicores, sessions, pricePerHourMicros } = option;
  const factor = (input.sites.find(({ name }) => name === site)?.priceFactorPercent ?? 100) / 100;
  const served = programme.variable((pricePerHourMicros * factor * part) / sessions);
  programme.add(row, 1, served);
  if (cpuMillicores > 0) programme.add(`cpu ${site}`, cpuMillicores / sessions, served);
  else programme.add(`places ${site} ${acceleratorClass}`, 1 / sessions, served);
}

/** What each site has: millicores, and places of each class (which has places of one kind here). */
function placesOf(input: PlanInput): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  const add = (row: string, amount: number) => limits.set(row, (limits.get(row) ?? 0) + amount);
  for (const { site, millicores, offers } of input.inventory.hosts) {
    add(`cpu ${site}`, millicores);
    for (const { acceleratorClass, count } of offers) add(`places ${site} ${acceleratorClass}`, count);
  }
  return limits;
}

/** Sessions with the same pipeline and sites. */
function groupDemand(input: PlanInput) {
  const residency = new Map(input.tenants.map((tenant) => [tenant.name, tenant.residency]));
  const groups = new Map<string, { sites: readonly string[]; stages: PlanInput["pipelines"][number]["stages"]; sessions: number }>();
  for (const { pipeline: name, tenant, site: origin, sessions } of input.demand) {
    const pipeline = input.pipelines.find((one) => one.name === name);
    if (!pipeline) continue;
    const allowed = residency.get(tenant) ?? [];
    const sites = input.sites
      .filter((site) => allowed.length === 0 || site.residency.some((region) => allowed.includes(region)))
      .filter((site) => site.name === origin || roundTrip(input, site.name, origin) <= pipeline.roundTripLimitMs)
      .map((site) => site.name);
    const key = [name, ...sites].join("|");
    const group = groups.get(key) ?? { sites, stages: pipeline.stages, sessions: 0 };
    groups.set(key, { ...group, sessions: group.sessions + sessions });
  }
  return [...groups.values()];
}

function roundTrip({ sites }: PlanInput, a: string, b: string): number {
  const one = (from: string, to: string) =>
    sites.find(({ name }) => name === from)?.roundTrips.find(({ site }) => site === to)?.milliseconds;
  return one(a, b) ?? one(b, a) ?? Number.POSITIVE_INFINITY;
}
