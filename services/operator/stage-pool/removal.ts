import type { PoolFacts } from "./decide-pool.ts";
import type { PodFacts } from "./pod-facts.ts";

export interface Removal {
  readonly pod: PodFacts;
  readonly reason: "Ended" | "Drained" | "NeverServed" | "Silent" | "DrainTimedOut";
}

/** A draining pod that has not been heard for so long has no session left: its owners have opened elsewhere. */
const givenUpMs = 15_000;

type RemovalPolicy = (pod: PodFacts, pool: PoolFacts) => Removal["reason"] | undefined;

/** In this order; the first that holds is the reason. */
const policies: readonly RemovalPolicy[] = [
  (pod) => (pod.state === "ended" ? "Ended" : undefined),
  ({ drain, load }) => (drain && load?.closed && load.sessions === 0 ? "Drained" : undefined),
  ({ drain, load, started }) => (drain && !load && !started ? "NeverServed" : undefined),
  ({ drain, load, silentMs }, { heard }) => (drain && heard && !load && silentMs >= givenUpMs ? "Silent" : undefined),
  ({ drain }, { drainTimeoutMs }) => (drain && drain.forMs >= drainTimeoutMs ? "DrainTimedOut" : undefined),
];

/** Pods that can be deleted without anybody losing a conversation, or that may not wait any longer. */
export function removalsOf(pool: PoolFacts, pods: readonly PodFacts[]): readonly Removal[] {
  const removals: Removal[] = [];
  for (const pod of pods) {
    if (pod.terminating) continue;
    for (const policy of policies) {
      const reason = policy(pod, pool);
      if (reason === undefined) continue;
      removals.push({ pod, reason });
      break;
    }
  }
  return removals;
}
