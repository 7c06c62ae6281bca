import type { PodFacts } from "./pod-facts.ts";

const readiness = { ended: 0, unscheduled: 1, starting: 2, ready: 3 } as const;

/**
 * Whom it hurts least goes first: those to be replaced anyway, then those that do not serve, then those with the fewest sessions, and of
 * equals the youngest. Names decide at last, so that two decisions on the same facts agree.
 */
export const byVictimOrder =
  (isStale: (pod: PodFacts) => boolean) =>
  (a: PodFacts, b: PodFacts): number =>
    Number(isStale(b)) - Number(isStale(a)) ||
    Number(b.leaving !== undefined) - Number(a.leaving !== undefined) ||
    Number(b.crashing !== undefined) - Number(a.crashing !== undefined) ||
    readiness[a.state] - readiness[b.state] ||
    Number(a.load?.admitting ?? false) - Number(b.load?.admitting ?? false) ||
    (a.load?.sessions ?? 0) - (b.load?.sessions ?? 0) ||
    a.ageMs - b.ageMs ||
    (a.name < b.name ? -1 : 1);
