import type { StagePool } from "@troupe/kinds";
import type { Pod } from "../kube/index.ts";
import type { Exclusion } from "../plan/index.ts";
import { shareOf } from "./domain-share.ts";

/** A pod that no node takes contradicts the plan after so long. */
export const contradictionMs = 30_000;
/** So long nothing new of its kind is planned at its site. */
export const exclusionMs = 600_000;

export interface Contradictions {
  readonly exclusions: readonly Exclusion[];
  /** Pods that were counted already, by uid. */
  readonly seen: ReadonlySet<string>;
  /** Until the next pod waits too long; undefined: none waits. */
  readonly nextMs: number | undefined;
}

export const noContradictions: Contradictions = { exclusions: [], seen: new Set(), nextMs: undefined };

export interface PendingView {
  readonly pods: readonly Pod[];
  readonly poolOf: (pod: Pod) => StagePool | undefined;
  /** On the injected clock; exclusions end on it. */
  readonly nowMs: number;
  /** Milliseconds since 1970: pods are dated with it. */
  readonly utcNowMs: number;
}

/** Exclusions for pods of pools that no node has taken for too long; each pod makes one, once. Those that have ended are dropped. */
export function findContradictions(before: Contradictions, { pods, poolOf, nowMs, utcNowMs }: PendingView): Contradictions {
  const exclusions = before.exclusions.filter(({ untilMs }) => untilMs > nowMs);
  const seen = new Set<string>();
  let nextMs = exclusions.length > 0 ? Math.min(...exclusions.map(({ untilMs }) => untilMs)) - nowMs : undefined;
  for (const pod of pods) {
    const pool = poolOf(pod);
    const { uid = "", name } = pod.metadata;
    if (!pool || !isUnbound(pod)) continue;
    if (before.seen.has(uid)) {
      seen.add(uid);
      continue;
    }
    const waitedMs = utcNowMs - Date.parse(pod.metadata.creationTimestamp ?? "");
    if (waitedMs < contradictionMs) {
      nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, contradictionMs - waitedMs);
      continue;
    }
    seen.add(uid);
    const { site, acceleratorClass, share } = pool.spec;
    const message = `pod ${name} found no node for ${Math.floor(waitedMs / 1000)} s${whyUnscheduled(pod)}`;
    exclusions.push({ site, acceleratorClass, share: shareOf(share), untilMs: nowMs + exclusionMs, message });
  }
  return { exclusions, seen, nextMs };
}

/** Not on a node, and not about to be deleted. */
export const isUnbound = ({ spec, status, metadata }: Pod): boolean =>
  !spec?.nodeName && !metadata.deletionTimestamp && (status?.phase ?? "Pending") === "Pending";

/** Whether it has been unbound for too long. */
export const isContradicted = (pod: Pod, utcNowMs: number): boolean =>
  isUnbound(pod) && utcNowMs - Date.parse(pod.metadata.creationTimestamp ?? "") >= contradictionMs;

function whyUnscheduled({ status }: Pod): string {
  const message = status?.conditions?.find(({ type }) => type === "PodScheduled")?.message;
  return message ? ` (${message.slice(0, 200)})` : "";
}
