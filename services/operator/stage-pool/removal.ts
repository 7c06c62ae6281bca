import { decide, type Policy } from "../kube/decision.ts";
import type { PoolFacts } from "./decide-pool.ts";
import type { PodFacts } from "./pod-facts.ts";

export interface Removal {
  readonly pod: PodFacts;
  readonly reason: "Ended" | "Drained" | "NeverServed" | "Silent" | "DrainTimedOut";
}

/** A draining pod that has not been heard for so long has no session left: its owners have opened elsewhere. */
const givenUpMs = 15_000;

interface Case {
  readonly pod: PodFacts;
  readonly pool: PoolFacts;
}

const policies: readonly Policy<Case, Removal["reason"]>[] = [
  ({ pod }) => (pod.state === "ended" ? "Ended" : undefined),
  ({ pod: { drain, load } }) => (drain && load?.closed && load.sessions === 0 ? "Drained" : undefined),
  ({ pod: { drain, load, started } }) => (drain && !load && !started ? "NeverServed" : undefined),
  ({ pod: { drain, load, silentMs }, pool: { heard } }) => (drain && heard && !load && silentMs >= givenUpMs ? "Silent" : undefined),
  ({ pod: { drain }, pool: { drainTimeoutMs } }) => (drain && drain.forMs >= drainTimeoutMs ? "DrainTimedOut" : undefined),
];

/** Pods that can be deleted without anybody losing a conversation, or that may not wait any longer. */
export function removalsOf(pool: PoolFacts, pods: readonly PodFacts[]): readonly Removal[] {
  return pods.flatMap((pod) => {
    const reason = pod.terminating ? undefined : decide(policies, { pod, pool });
    return reason === undefined ? [] : [{ pod, reason }];
  });
}
