import type { PodFacts } from "./pod-facts.ts";
import { type Removal, removalsOf } from "./removal.ts";
import { byVictimOrder } from "./victim-order.ts";

/** What is wanted of a pool. */
export interface PoolFacts {
  /** spec.replicas. */
  readonly desired: number;
  /** Why nothing new is to be done at all. */
  readonly hold?: { readonly reason: "Paused" | "SiteUnknown" | "ClassUnknown"; readonly message: string };
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
  readonly blocked?: { readonly reason: "CrashLoop" | "NoRoom" | "Paused" | "SiteUnknown" | "ClassUnknown"; readonly message: string };
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
  if (pool.hold) return { create: 0, drain: [], remove, blocked: pool.hold };
  const removed = new Set(remove.map(({ pod }) => pod));
  const serving = pods.filter((pod) => !pod.terminating && pod.state !== "ended" && !pod.drain && !removed.has(pod));
  const isStale = (pod: PodFacts) => pod.revision !== pool.revision || pod.leaving !== undefined;
  const stale = serving.filter(isStale);
  const fresh = serving.filter((pod) => !isStale(pod));
  // Who hears nothing does not know who serves.
  const promised = pods.reduce((sum, pod) => sum + (pod.drain && !pod.terminating ? (pod.load?.sessions ?? 0) : 0), 0);
  const drain = pool.heard ? victimsOf({ pool, serving, isStale, promised }) : [];
  const stay = new Set(stale.filter((pod) => !drain.some((victim) => victim.pod === pod)));
  const blocked = blockedOf(stay, fresh);
  const surge = stale.length > 0 ? Math.min(pool.maxSurge, stale.length) : 0;
  const room = pool.desired + surge - serving.length + drain.length;
  const create = blocked?.reason === "CrashLoop" ? 0 : Math.max(0, Math.min(pool.desired - fresh.length, room));
  return { create, drain, remove, ...(blocked && { blocked }) };
}

interface Candidates {
  readonly pool: PoolFacts;
  readonly serving: readonly PodFacts[];
  readonly isStale: (pod: PodFacts) => boolean;
  /** Seats that the sessions of pods under way to be empty will take. */
  readonly promised: number;
}

function victimsOf({ pool, serving, isStale, promised }: Candidates): PoolDecision["drain"] {
  const victims: { pod: PodFacts; reason: string }[] = [];
  let left = serving.length;
  let admitting = serving.filter(admits).length;
  const coming = serving.some((pod) => !isStale(pod) && pod.state === "starting");
  const stuck = serving.some((pod) => !isStale(pod) && pod.state === "unscheduled" && pod.ageMs >= unscheduledMs);
  const noRoom = !coming && (pool.maxSurge === 0 || stuck);
  for (const pod of [...serving].sort(byVictimOrder(isStale))) {
    const others = serving.filter((other) => other !== pod && admits(other) && !isVictim(victims, other));
    const surplus = left > pool.desired && (!admits(pod) || admitting > pool.desired) && !mustWait(pod, serving, isStale);
    const squeezed = victims.length === 0 && isStale(pod) && maySqueeze(pod, { others, promised, noRoom, inPlace: pool.maxSurge === 0 });
    if (!surplus && !squeezed) continue;
    victims.push({ pod, reason: reasonOf(pod, pool) });
    left--;
    if (admits(pod)) admitting--;
  }
  return victims;
}

interface Squeeze {
  readonly others: readonly PodFacts[];
  readonly promised: number;
  readonly noRoom: boolean;
  /** Pods are to be replaced one after the other, in their places. */
  readonly inPlace: boolean;
}

/**
 * Whether a pod may go before its successor is there: the others have seats for its sessions. An idle one without others makes room for its
 * own successor, where there is no room for both; but not for a person who empties the last node.
 */
function maySqueeze(pod: PodFacts, { others, promised, noRoom, inPlace }: Squeeze): boolean {
  const sessions = pod.load?.sessions ?? 0;
  const seats = others.reduce((sum, other) => sum + (other.load?.headroom ?? 0), 0) - promised;
  if (others.length > 0 && seats >= sessions) return noRoom || pod.leaving !== undefined;
  return noRoom && sessions === 0 && (inPlace || pod.leaving === undefined);
}

const isVictim = (victims: PoolDecision["drain"], pod: PodFacts) => victims.some((victim) => victim.pod === pod);

/** A new pod that does not serve yet is no surplus while old ones wait for it. */
const mustWait = (pod: PodFacts, serving: readonly PodFacts[], isStale: (pod: PodFacts) => boolean) =>
  !isStale(pod) && !admits(pod) && serving.some(isStale);

function reasonOf(pod: PodFacts, pool: PoolFacts): string {
  if (pod.leaving !== undefined) return pod.leaving;
  return pod.revision === pool.revision ? "ScaleDown" : "NewRevision";
}

function blockedOf(stay: ReadonlySet<PodFacts>, fresh: readonly PodFacts[]): PoolDecision["blocked"] {
  const crashing = fresh.find((pod) => pod.crashing !== undefined);
  // One bad pod among good ones does not keep others from coming.
  if (crashing && (stay.size > 0 || !fresh.some(admits)))
    return { reason: "CrashLoop", message: `${crashing.name} ends again and again: ${crashing.crashing}` };
  const unscheduled = fresh.find((pod) => pod.state === "unscheduled" && pod.ageMs >= unscheduledMs);
  if (!unscheduled) return undefined;
  const waiting = [...stay].map(({ name, load }) => `${name} (${load?.sessions ?? 0} sessions)`).join(", ");
  const message = `no node takes ${unscheduled.name}${waiting ? `; until then ${waiting} cannot be replaced` : ""}`;
  return { reason: "NoRoom", message };
}
