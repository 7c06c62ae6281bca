import { labels, type StagePool, type StagePoolStatus } from "@troupe/kinds";
import { type Condition, setCondition } from "../kube/index.ts";
import type { PoolDecision } from "./decide-pool.ts";
import type { PodFacts } from "./pod-facts.ts";

type Statement = Pick<Condition, "type" | "status" | "reason" | "message">;

export interface PoolState {
  readonly pool: StagePool;
  readonly desired: number;
  readonly revision: string;
  readonly pods: readonly PodFacts[];
  readonly decision: PoolDecision;
}

/** Of the schema. */
const maxMessage = 4096;
const own = ["Available", "Progressing", "Healthy"];
const ours = <T extends { readonly type: string }>(conditions: readonly T[]) => conditions.filter(({ type }) => own.includes(type));

/** A status as this controller writes it: other controllers have their own conditions in it. */
export const withoutForeignConditions = (status: StagePoolStatus | undefined) =>
  status && { ...status, conditions: ours(status.conditions ?? []) };

/** The status of a pool: counts of now, and what the last decision says of them. */
export function poolStatusOf(state: PoolState, utcNowMs: number): StagePoolStatus {
  const { pool, pods, revision } = state;
  const observedGeneration = pool.metadata.generation ?? 0;
  const live = pods.filter((pod) => !pod.terminating && pod.state !== "ended");
  const updated = live.filter((pod) => pod.revision === revision);
  let conditions: readonly Condition[] = pool.status?.conditions ?? [];
  for (const statement of [available(state), progressing(state), healthy(state)])
    conditions = setCondition(conditions, { ...statement, message: statement.message.slice(0, maxMessage), observedGeneration }, utcNowMs);
  const whole = updated.length === live.length && updated.every((pod) => pod.load?.admitting === true);
  return {
    observedGeneration,
    conditions: ours(conditions),
    replicas: live.length,
    readyReplicas: live.filter((pod) => pod.state === "ready").length,
    admittingReplicas: live.filter((pod) => pod.load?.admitting === true).length,
    drainingReplicas: live.filter((pod) => pod.drain !== undefined).length,
    updatedReplicas: updated.length,
    selector: `${labels.pool}=${pool.metadata.name}`,
    currentRevision: whole && updated.length > 0 ? revision : (pool.status?.currentRevision ?? revision),
    updateRevision: revision,
  };
}

function available({ desired, pods }: PoolState): Statement {
  const admitting = pods.filter((pod) => pod.load?.admitting === true).length;
  const say = (status: "True" | "False", reason: string, message: string): Statement => ({ type: "Available", status, reason, message });
  if (desired === 0) return say("True", "ScaledToZero", "no replica is wanted");
  const count = `${admitting} of ${desired} wanted replicas admit sessions`;
  if (admitting >= desired) return say("True", "Admitting", count);
  return say("False", admitting === 0 ? "NoneAdmits" : "TooFewAdmit", count);
}

function progressing({ desired, pods, decision, revision }: PoolState): Statement {
  const say = (status: "True" | "False", reason: string, message: string): Statement => ({ type: "Progressing", status, reason, message });
  if (decision.blocked) return say("False", decision.blocked.reason, decision.blocked.message);
  const draining = pods.filter((pod) => pod.drain !== undefined && !pod.terminating);
  const served = draining.map(({ name, drain, load }) => `${name} (${drain?.reason}, ${load?.sessions ?? 0} sessions)`);
  const stale = pods.filter((pod) => !pod.terminating && pod.revision !== revision).length;
  if (stale > 0) return say("True", "RollingOut", `${stale} pods are of an older revision than ${revision}`);
  if (draining.length > 0) return say("True", "Draining", `waits for ${served.join(", ")}`);
  const live = pods.filter((pod) => !pod.terminating && pod.state !== "ended").length;
  if (live !== desired) return say("True", "Scaling", `${live} pods, ${desired} wanted`);
  return say("True", "Settled", `${live} pods of revision ${revision}`);
}

function healthy({ pods }: PoolState): Statement {
  const crashing = pods.find((pod) => pod.crashing !== undefined);
  if (crashing) return { type: "Healthy", status: "False", reason: "CrashLoop", message: `${crashing.name}: ${crashing.crashing}` };
  return { type: "Healthy", status: "True", reason: "NoCrashLoop", message: "no container ends again and again" };
}
