import type { Plan, PlanInput } from "../plan/index.ts";

export interface KnownPlan {
  readonly input: PlanInput;
  readonly plan: Plan;
}

/** The newest plan, for those who act on it or explain it. */
export interface PlanStore {
  readonly current: KnownPlan | undefined;
  set(known: KnownPlan): void;
  /** @returns what ends it */
  onChange(handler: (known: KnownPlan) => void): () => void;
}

export function createPlanStore(): PlanStore {
  let current: KnownPlan | undefined;
  const handlers = new Set<(known: KnownPlan) => void>();
  return {
    get current() {
      return current;
    },
    set(known) {
      current = known;
      for (const handler of handlers) handler(known);
    },
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}
