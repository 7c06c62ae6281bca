import type { PodFacts } from "./pod-facts.ts";
import { type Removal, removalsOf } from "./removal.ts";
import { byVictimOrder } from "./victim-order.ts";

/** What is wanted of a pool. */
export interface PoolFacts {
  /** spec.replicas. */
  readonly desired: number;
  readonly paused: boolean;
  /** Hash of the template that new pods get. */
  readonly revision: string;
  /** Pods above `desired` while some are replaced; 0: a pod is replaced after its sessions have moved to the others. */
  readonly maxSurge: number;
  readonly drainTimeoutMs: number;
  /** Whether announcements arrive: while they do not, silence says nothing of a pod. */
  readonly heard: boolean;
}

/** What is to be done now. Doing it, and deciding again with what came of it, ends where `desired` pods of the revision admit. */
export interface PoolDecision {
  readonly create: number;
  /** Pods to name victims, from now on draining. */
  readonly drain: readonly { readonly pod: PodFacts; readonly reason: string }[];
  /** Pods to delete: nobody is served there any more, or may not wait any longer. */
  readonly remove: readonly Removal[];
  /** Why it does not go on, if it does not. */
  readonly blocked?: { readonly reason: "CrashLoop" | "NoRoom" | "Paused"; readonly message: string };
}

/** A new pod that no node takes for so long is not waited for. */
export const unscheduledMs = 30_000;

const admits = (pod: PodFacts) => pod.load?.admitting === true;

/**
 * Decides without a cluster. Make before break: a pod that serves is named a victim only when `desired` others admit, or, where there is
 * no room for another, when the others have headroom for its sessions.
 */
export function decidePool(pool: PoolFacts, pods: readonly PodFacts[]): PoolDecision {
  const remove = removalsOf(pool, pods);
  if (pool.paused) return { create: 0, drain: [], remove, blocked: { reason: "Paused", message: "spec.paused is set" } };
  const removed = new Set(remove.map(({ pod }) => pod));
  const serving = pods.filter((pod) => !pod.terminating && pod.state !== "ended" && !pod.drain && !removed.has(pod));
  const isStale = (pod: PodFacts) => pod.revision !== pool.revision || pod.leaving !== undefined;
  const stale = serving.filter(isStale);
  const fresh = serving.filter((pod) => !isStale(pod));
  // Who hears nothing does not know who serves.
  const drain = pool.heard ? victimsOf(pool, serving, isStale) : [];
  const stay = new Set(stale.filter((pod) => !drain.some((victim) => victim.pod === pod)));
  const blocked = blockedOf(stay, fresh);
  const surge = stale.length > 0 ? Math.min(pool.maxSurge, stale.length) : 0;
  const room = pool.desired + surge - serving.length + drain.length;
  const create = blocked?.reason === "CrashLoop" ? 0 : Math.max(0, Math.min(pool.desired - fresh.length, room));
  return { create, drain, remove, ...(blocked && { blocked }) };
}

function victimsOf(pool: PoolFacts, serving: readonly PodFacts[], isStale: (pod: PodFacts) => boolean): PoolDecision["drain"] {
  const victims: { pod: PodFacts; reason: string }[] = [];
  let left = serving.length;
  let admitting = serving.filter(admits).length;
  const noRoom = pool.maxSurge === 0 || serving.some((pod) => !isStale(pod) && pod.state === "unscheduled" && pod.ageMs >= unscheduledMs);
  for (const pod of [...serving].sort(byVictimOrder(isStale))) {
    const others = serving.filter((other) => other !== pod && admits(other) && !isVictim(victims, other));
    const surplus = left > pool.desired && (!admits(pod) || admitting > pool.desired) && !mustWait(pod, serving, isStale);
    const squeezed = (pod.leaving !== undefined || (noRoom && isStale(pod))) && fits(pod, others) && victims.length === 0;
    if (!surplus && !squeezed) continue;
    victims.push({ pod, reason: reasonOf(pod, pool) });
    left--;
    if (admits(pod)) admitting--;
  }
  return victims;
}

const isVictim = (victims: PoolDecision["drain"], pod: PodFacts) => victims.some((victim) => victim.pod === pod);

/** A new pod that does not serve yet is no surplus while old ones wait for it. */
const mustWait = (pod: PodFacts, serving: readonly PodFacts[], isStale: (pod: PodFacts) => boolean) =>
  !isStale(pod) && !admits(pod) && serving.some(isStale);

/** Whether the others have seats for the sessions of the pod. */
function fits({ load }: PodFacts, others: readonly PodFacts[]): boolean {
  const sessions = load?.sessions ?? 0;
  return sessions === 0 || others.reduce((sum, other) => sum + (other.load?.headroom ?? 0), 0) >= sessions;
}

function reasonOf(pod: PodFacts, pool: PoolFacts): string {
  if (pod.leaving !== undefined) return pod.leaving;
  return pod.revision === pool.revision ? "ScaleDown" : "NewRevision";
}

function blockedOf(stay: ReadonlySet<PodFacts>, fresh: readonly PodFacts[]): PoolDecision["blocked"] {
  const crashing = fresh.find((pod) => pod.crashing !== undefined);
  if (crashing) return { reason: "CrashLoop", message: `${crashing.name} ends again and again: ${crashing.crashing}` };
  const unscheduled = fresh.find((pod) => pod.state === "unscheduled" && pod.ageMs >= unscheduledMs);
  if (!unscheduled) return undefined;
  const waiting = [...stay].map(({ name, load }) => `${name} (${load?.sessions ?? 0} sessions)`).join(", ");
  const message = `no node takes ${unscheduled.name}${waiting ? `; until then ${waiting} cannot be replaced` : ""}`;
  return { reason: "NoRoom", message };
}
