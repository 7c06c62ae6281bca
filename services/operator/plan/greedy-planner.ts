import type { Decision } from "../kube/decision.ts";
import { geometryHints } from "./geometry-hints.ts";
import { type Measuring, measureUnknown } from "./measure.ts";
import { normalise } from "./normalise.ts";
import { type Books, type Failure, placeAll, placeDemand } from "./place-demand.ts";
import type { Leaving, Plan, Planner, Unplaced } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import type { PlacementPolicy } from "./policies/policy.ts";
import { buildPools } from "./pools.ts";
import { withSavings } from "./rebalance.ts";
import { type Reclaimed, reclaimIdle } from "./reclaim.ts";
import type { Refused } from "./requests.ts";
import { explainUnplaced } from "./unplaced.ts";

/**
 * Plans greedily under a policy: what runs stays, then guaranteed sessions, then the rest of the demand, then headroom where there is
 * room. Equal input, in whatever order, gives an equal plan.
 */
export function createPlanner(policy: PlacementPolicy): Planner {
  const once = (input: PlanInput, givenUp: ReadonlyMap<string, Decision>) => planOnce(input, policy, givenUp);
  return (input) => withSavings(normalise(input), once);
}

function planOnce(input: PlanInput, policy: PlacementPolicy, givenUp: ReadonlyMap<string, Decision>): Plan {
  const draft = placeDemand(input, policy, givenUp);
  const { books, ledger } = draft;
  const { rules, routes } = books;
  const measuring = measureUnknown(draft.failures, ledger, rules);
  const tryWith = (other: PlanInput) => placeDemand(other, policy, givenUp);
  const reclaimed = reclaimIdle({ input, draft, measuring: measuring.packs, tryWith });
  placeAll(books, draft.headroom);
  const unplaced = [...draft.refused.map(refusal), ...draft.failures.map((failure) => explain(failure, books, measuring, reclaimed))];
  const leaving: Leaving[] = [...draft.leaving, ...reclaimed.leaving];
  const { pools, pricePerHourMicros } = buildPools(input, ledger, rules, { measuring: measuring.packs, without: reclaimed.packs });
  const alive = new Set(pools.map(({ name }) => name));
  return {
    pools,
    routes,
    unplaced: unplaced.sort(byPlace),
    leaving: leaving.sort((a, b) => (a.replica < b.replica ? -1 : 1)),
    retired: input.pools.filter(({ name, managed }) => managed && !alive.has(name)).map(({ name }) => name),
    hints: geometryHints(input, draft.failures, ledger),
    pricePerHourMicros,
  };
}

function refusal({ demand, reason, message }: Refused): Unplaced {
  const { pipeline, tenant, site, sessions } = demand;
  return { pipeline, tenants: [tenant], origin: site, sessions, stage: undefined, reason, message };
}

function explain(
  { request, left, search }: Failure,
  { input, ledger, rules }: Books,
  measuring: Measuring,
  reclaimed: Reclaimed,
): Unplaced {
  const { pipeline, tenants, origin } = request;
  const waiting = reclaimed.waiting.get(request.key);
  const why =
    waiting ?? explainUnplaced({ request, search, ledger, rules, quarantined: input.inventory.quarantined, measuring: measuring.sites });
  return { pipeline: pipeline.name, tenants, origin, sessions: left, stage: undefined, ...why };
}

function byPlace(a: Unplaced, b: Unplaced): number {
  const keyOf = (one: Unplaced) => [one.pipeline, one.origin ?? "", one.tenants.join(","), one.reason].join("|");
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
