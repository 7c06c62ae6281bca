import { ServiceError } from "@troupe/errors";
import type { plan } from "@troupe/operator";
import highs from "highs";
import { maximalCliques } from "./cliques.ts";
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
 * What no plan can beat, by a linear programme (HiGHS): sessions and replicas may be cut at will, and memory of devices is not looked
 * at, except that a share must hold the stage alone. Left are residency and round trips, the time of replicas, how many places of each
 * kind a site has, and the CPU and memory of its machines as if they were one. Unplaced sessions cost more than any place.
 *
 * Sites that are near enough to each other are a clique, and the stages of a session lie within one: so the sessions of a group are
 * spread over maximal cliques, and what they need of a stage in a clique is served by sites of that clique.
 */
export async function lowerBound(input: PlanInput): Promise<LowerBound> {
  const programme = new LinearProgramme();
  const missing: string[] = [];
  const wanted = new Map<string, { readonly model: string; readonly clique: readonly string[] }>();
  for (const [at, group] of groupDemand(input).entries()) {
    const row = `demand ${at}`;
    const left = programme.variable(unplacedCost);
    missing.push(left);
    programme.add(row, 1, left);
    for (const clique of group.cliques) {
      const sessions = programme.variable(0);
      programme.add(row, 1, sessions);
      for (const model of group.models) {
        const serving = [model, ...clique].join("|");
        wanted.set(serving, { model, clique });
        programme.add(serving, 1, sessions);
      }
    }
    programme.limit(row, "=", group.sessions);
  }
  for (const [row, { model, clique }] of wanted)
    for (const option of optionsOf(input, model)) for (const site of clique) addOption(programme, input, { row, site, option });
  for (const [row, limit] of placesOf(input)) programme.limit(row, "<=", limit);
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
  readonly onCpu: boolean;
  /** What a replica takes of its machine. */
  readonly millicores: number;
  readonly memoryMebibytes: number;
  readonly sessions: number;
  readonly pricePerHourMicros: number;
}

function optionsOf(input: PlanInput, name: string): Option[] {
  const model = input.models.find((one) => one.name === name);
  const template = input.templates[model?.stage ?? ""];
  return (model?.needs ?? []).flatMap(({ acceleratorClass, share, memoryMebibytes }): Option[] => {
    const sessions = input.profiles.find((one) => one.model === name && one.acceleratorClass === acceleratorClass)?.sessions ?? 0;
    const found = input.classes.find((one) => one.name === acceleratorClass);
    if (sessions === 0 || !found) return [];
    const { pricePerHourMicros, partitions } = found;
    if ("cpuMillicores" in share) {
      const part = share.cpuMillicores / 1000;
      return [{ acceleratorClass, part, onCpu: true, millicores: share.cpuMillicores, memoryMebibytes, sessions, pricePerHourMicros }];
    }
    const machine = { millicores: template?.hostMillicores ?? 0, memoryMebibytes: template?.hostMemoryMebibytes ?? 0 };
    const part = "partition" in share ? 1 / (partitions[0]?.perDevice ?? 1) : 1;
    return [{ acceleratorClass, part, onCpu: false, ...machine, sessions, pricePerHourMicros }];
  });
}

function addOption(
  programme: LinearProgramme,
  input: PlanInput,
  { row, site, option }: { row: string; site: string; option: Option },
): void {
  const { acceleratorClass, part, onCpu, millicores, memoryMebibytes, sessions, pricePerHourMicros } = option;
  const factor = (input.sites.find(({ name }) => name === site)?.priceFactorPercent ?? 100) / 100;
  const served = programme.variable((pricePerHourMicros * factor * part) / sessions);
  programme.add(row, -1, served);
  programme.add(`cpu ${site}`, millicores / sessions, served);
  programme.add(`memory ${site}`, memoryMebibytes / sessions, served);
  if (!onCpu) programme.add(`places ${site} ${acceleratorClass}`, 1 / sessions, served);
}

/** What each site has: millicores, memory, and places of each class (which has places of one kind here). */
function placesOf(input: PlanInput): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  const add = (row: string, amount: number) => limits.set(row, (limits.get(row) ?? 0) + amount);
  for (const { site, millicores, memoryMebibytes, offers } of input.inventory.hosts) {
    add(`cpu ${site}`, millicores);
    add(`memory ${site}`, memoryMebibytes);
    for (const { acceleratorClass, count } of offers) add(`places ${site} ${acceleratorClass}`, count);
  }
  return limits;
}

interface Group {
  /** Sets of sites, each near enough to all others of its set. */
  readonly cliques: readonly (readonly string[])[];
  /** One of each stage. */
  readonly models: readonly string[];
  readonly sessions: number;
}

/** Sessions with the same pipeline and sites. */
function groupDemand(input: PlanInput): Group[] {
  const residency = new Map(input.tenants.map((tenant) => [tenant.name, tenant.residency]));
  const groups = new Map<string, Group>();
  for (const { pipeline: name, tenant, site: origin, sessions } of input.demand) {
    const pipeline = input.pipelines.find((one) => one.name === name);
    if (!pipeline) continue;
    const allowed = residency.get(tenant) ?? [];
    const isNear = (a: string, b: string) => a === b || roundTrip(input, a, b) <= pipeline.roundTripLimitMs;
    const sites = input.sites
      .filter((site) => allowed.length === 0 || site.residency.some((region) => allowed.includes(region)))
      .filter((site) => isNear(site.name, origin))
      .map((site) => site.name);
    const key = [name, ...sites].join("|");
    const before = groups.get(key);
    const cliques = before?.cliques ?? maximalCliques(sites, isNear);
    const models = pipeline.stages.map((stage) => stage.models[0] ?? "");
    groups.set(key, { cliques, models, sessions: sessions + (before?.sessions ?? 0) });
  }
  return [...groups.values()];
}

function roundTrip({ sites }: PlanInput, a: string, b: string): number {
  const one = (from: string, to: string) =>
    sites.find(({ name }) => name === from)?.roundTrips.find(({ site }) => site === to)?.milliseconds;
  return one(a, b) ?? one(b, a) ?? Number.POSITIVE_INFINITY;
}
