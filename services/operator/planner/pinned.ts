import type { ReplicaLoad } from "./demand-source.ts";

/**
 * Replicas that a pool can't do without now: so many that their seats hold all sessions it serves, the roomiest first. A replica beyond
 * them can move its sessions.
 */
export function pinnedReplicas(loads: readonly ReplicaLoad[]): number {
  let most = 0;
  for (const ofStage of Map.groupBy(loads, ({ stage }) => stage).values()) {
    let left = ofStage.reduce((sum, { sessions }) => sum + sessions, 0);
    const seats = ofStage.map(({ sessions, headroom }) => sessions + headroom).sort((a, b) => b - a);
    let count = 0;
    for (const seat of seats) {
      if (left <= 0) break;
      left -= seat;
      count++;
    }
    most = Math.max(most, count);
  }
  return most;
}
