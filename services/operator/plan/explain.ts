import { shareText } from "../inventory/index.ts";
import type { Condition } from "../kube/condition.ts";
import type { Decision } from "../kube/decision.ts";
import type { Plan, PlannedPool, Unplaced } from "./plan.ts";

/** What there is to say about one object. */
export interface Explained {
  /** `Pipeline`, `StagePool`, `Site` …, as kubectl prints kinds. */
  readonly kind: string;
  /** `namespace/name`, or `name`. */
  readonly name: string;
  readonly conditions: readonly Condition[];
  /** The newest plan; undefined: none was made yet, or this operator does not plan. */
  readonly plan: Plan | undefined;
  /** Of a StagePool: what the autoscaler decided last. */
  readonly scale?: (Decision & { readonly replicas: number }) | undefined;
}

/** What `troupe explain <kind> <name>` prints: conditions first, what is wrong before what is well, then what the plan says. Pure. */
export function explain(explained: Explained): string {
  const { kind, name, plan } = explained;
  const about = plan ? (sections[kind.toLowerCase()]?.(plan, explained) ?? []) : ["No plan has been made yet."];
  return [`${kind} ${name}`, ...conditionLines(explained.conditions), ...(about.length > 0 ? ["", ...about] : [])].join("\n");
}

type Section = (plan: Plan, explained: Explained) => readonly string[];

const sections: Readonly<Record<string, Section>> = {
  pipeline: explainPipeline,
  stagepool: explainPool,
  site: explainSite,
  tenant: explainTenant,
  acceleratorclass: explainClass,
};

/** What a reader must act on comes first: False, then Unknown. */
const order = { False: 0, Unknown: 1, True: 2 } as const;

function conditionLines(conditions: readonly Condition[]): string[] {
  if (conditions.length === 0) return ["  nothing has been observed yet"];
  const sorted = [...conditions].sort((a, b) => order[a.status] - order[b.status]);
  const width = Math.max(...sorted.map(({ type }) => type.length));
  return sorted.map(({ type, status, reason, message }) => `  ${type.padEnd(width)}  ${status.padEnd(7)}  ${reason}: ${message}`);
}

function explainPipeline(plan: Plan, { name }: Explained): string[] {
  const routes = plan.routes.filter(({ pipeline, tier }) => pipeline === name && tier !== "headroom");
  const lines = routes.map(({ origin, sessions, stages }) => {
    const sites = [...Map.groupBy(stages, ({ site }) => site)].map(([site, at]) => `${at.map(({ stage }) => stage).join(", ")} at ${site}`);
    return `  ${count(sessions, "session")} ${origin === undefined ? "guaranteed" : `from ${origin}`}: ${sites.join("; ")}`;
  });
  return [...(lines.length > 0 ? ["Placed", ...lines] : []), ...unplacedLines(plan.unplaced.filter(({ pipeline }) => pipeline === name))];
}

function explainTenant(plan: Plan, { name }: Explained): string[] {
  return unplacedLines(plan.unplaced.filter(({ tenants }) => tenants.includes(name)));
}

function explainSite(plan: Plan, { name }: Explained): string[] {
  const pools = plan.pools.filter(({ site }) => site === name);
  const hints = plan.hints.filter(({ site }) => site === name).map(({ message }) => `  ${message}`);
  return [
    ...(pools.length > 0 ? ["Pools", ...pools.map((pool) => `  ${poolLine(pool)}`)] : ["The plan has nothing here."]),
    ...unplacedLines(plan.unplaced.filter(({ origin }) => origin === name)),
    ...(hints.length > 0 ? ["Hints", ...hints] : []),
  ];
}

function explainClass(plan: Plan, { name }: Explained): string[] {
  const pools = plan.pools.filter(({ acceleratorClass }) => acceleratorClass === name);
  const hints = plan.hints.filter(({ acceleratorClass }) => acceleratorClass === name).map(({ message }) => `  ${message}`);
  return [
    ...(pools.length > 0 ? ["Pools", ...pools.map((pool) => `  ${poolLine(pool)}`)] : ["The plan uses none of it."]),
    ...(hints.length > 0 ? ["Hints", ...hints] : []),
  ];
}

function explainPool(plan: Plan, { name, scale }: Explained): string[] {
  const pool = plan.pools.find((one) => one.name === name.slice(name.indexOf("/") + 1));
  const leaving = plan.leaving.filter((one) => one.pool === pool?.name);
  return [
    ...(pool ? ["Plan", `  ${poolLine(pool)}`, `  ${pool.reason}: ${pool.message}`] : ["The plan does not have it."]),
    ...(scale ? ["Scale", `  ${count(scale.replicas, "replica")}. ${scale.reason}: ${scale.message}`] : []),
    ...(leaving.length > 0 ? ["Given up", ...leaving.map((one) => `  ${one.replica}. ${one.reason}: ${one.message}`)] : []),
  ];
}

function poolLine({ name, members, share, acceleratorClass, site, minReplicas, maxReplicas, sessions }: PlannedPool): string {
  const stages = members.map(({ stage }, at) => `${stage} ${sessions[at] ?? 0}`).join(", ");
  return `${name}: ${minReplicas} to ${maxReplicas} of ${shareText(share)} ${acceleratorClass} at ${site}; sessions: ${stages}`;
}

function unplacedLines(unplaced: readonly Unplaced[]): string[] {
  if (unplaced.length === 0) return [];
  const lines = unplaced.map(({ sessions, origin, stage, tenants, pipeline, reason, message }) => {
    const named = tenants.filter(Boolean);
    const who = named.length > 0 ? ` of ${named.slice(0, 4).join(", ")}${named.length > 4 ? ` and ${named.length - 4} more` : ""}` : "";
    const where = origin === undefined ? "guaranteed" : `from ${origin}`;
    return `  ${count(sessions, "session")} of ${pipeline}${who} ${where}${stage ? ` (${stage})` : ""}. ${reason}: ${message}`;
  });
  return ["Without a place", ...lines];
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
