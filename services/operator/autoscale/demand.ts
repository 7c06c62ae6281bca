/** What gateways count for one stage of one pipeline. */
export interface StageCount {
  readonly pipeline: string;
  readonly stage: string;
  readonly active: number;
  readonly refused: number;
}

/**
 * Sessions by pipeline: those served, and those refused. A session is counted at each of its stages, and a client that was refused may
 * be counted at several, so it is the stage with the most that counts, not the sum.
 */
export function sessionsByPipeline(counts: readonly StageCount[]): ReadonlyMap<string, number> {
  const stages = new Map<string, { pipeline: string; sessions: number }>();
  for (const { pipeline, stage, active, refused } of counts) {
    const key = JSON.stringify([pipeline, stage]);
    const before = stages.get(key)?.sessions ?? 0;
    stages.set(key, { pipeline, sessions: before + active + refused });
  }
  const sessions = new Map<string, number>();
  for (const one of stages.values()) sessions.set(one.pipeline, Math.max(sessions.get(one.pipeline) ?? 0, one.sessions));
  return sessions;
}
