import type { Decision } from "../kube/decision.ts";
import { geometryHints } from "./geometry-hints.ts";
import { keepExisting, poolPatterns } from "./keep.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { type Measuring, measureUnknown } from "./measure.ts";
import { normalise } from "./normalise.ts";
import { placeAt, placeRequest, type Search } from "./place-request.ts";
import type { Rules } from "./place-unit.ts";
import type { Leaving, Plan, Planner, Route, Unplaced } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import type { PlacementPolicy } from "./policies/policy.ts";
import { buildPools } from "./pools.ts";
import { expectedSessions, type PreviousRoutes, previousRoutes } from "./previous-routes.ts";
import { withSavings } from "./rebalance.ts";
import { type Draft, type Reclaimed, reclaimIdle } from "./reclaim.ts";
import { type Refused, type Request, readRequests } from "./requests.ts";
import { createPrices, createRoundTrips, type RoundTrip } from "./sites.ts";
import { createUnits, type Units } from "./units.ts";
import { explainUnplaced } from "./unplaced.ts";

/**
 * Plans greedily under a policy: what runs stays, then guaranteed sessions, then the rest of the demand, then headroom where there is
 * room. Equal input, in whatever order, gives an equal plan.
 */
export function createPlanner(policy: PlacementPolicy): Planner {
  const once = (input: PlanInput, givenUp: ReadonlyMap<string, Decision>) => planOnce(input, policy, givenUp);
  return (input) => withSavings(normalise(input), once);
}

interface Books {
  readonly input: PlanInput;
  readonly units: Units;
  readonly ledger: Ledger;
  readonly rules: Rules;
  readonly roundTrip: RoundTrip;
  readonly routes: Route[];
  readonly before: PreviousRoutes;
}

/** A request that did not fit, and where the search ended. */
export interface Failure {
  readonly request: Request;
  readonly left: number;
  readonly search: Search;
}

function planOnce(input: PlanInput, policy: PlacementPolicy, givenUp: ReadonlyMap<string, Decision>): Plan {
  const books = openBooks(input, policy);
  const { ledger, rules, routes } = books;
  const draft = placeDemand(books, givenUp);
  const measuring = measureUnknown(draft.failures, ledger, rules);
  const tryWith = (other: PlanInput) => placeDemand(openBooks(other, policy), givenUp);
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

interface PlacedDemand extends Draft {
  readonly leaving: readonly Leaving[];
  readonly refused: readonly Refused[];
  /** What is still to be placed if there is room. */
  readonly headroom: readonly Request[];
}

/** Enters what runs, and places what is asked for. */
function placeDemand(books: Books, givenUp: ReadonlyMap<string, Decision>): PlacedDemand {
  const { input, units, rules, ledger, roundTrip } = books;
  const leaving = keepExisting(input, units, rules, ledger, givenUp);
  const { requests, refused } = readRequests(input, units, roundTrip);
  const inTier = (tier: Request["tier"]) => requests.filter((request) => request.tier === tier).sort(rules.policy.compareRequests);
  const failures = placeAll(books, [...inTier("guaranteed"), ...inTier("demand")]);
  return { ledger, leaving, refused, failures, headroom: inTier("headroom") };
}

function refusal({ demand, reason, message }: Refused): Unplaced {
  const { pipeline, tenant, site, sessions } = demand;
  return { pipeline, tenants: [tenant], origin: site, sessions, stage: undefined, reason, message };
}

function openBooks(input: PlanInput, policy: PlacementPolicy): Books {
  const units = createUnits(input);
  const rules: Rules = {
    policy,
    closedSites: new Set(input.sites.filter(({ state }) => state !== "open").map(({ name }) => name)),
    exclusions: input.exclusions.filter(({ untilMs }) => untilMs > input.nowMs),
    price: createPrices(input),
    poolsOf: poolPatterns(input, units),
  };
  const roundTrip = createRoundTrips(input.sites);
  const ledger = createLedger(input.inventory, expectedSessions(input));
  return { input, units, rules, ledger, roundTrip, routes: [], before: previousRoutes(input, roundTrip) };
}

/** All of them first where they were before, as far as that goes; then the rest, one after the other. */
function placeAll(books: Books, requests: readonly Request[]): Failure[] {
  const rest = requests.map((request) => ({ request, left: isFit(request) ? placeAsBefore(books, request) : request.sessions }));
  return rest.flatMap(({ request, left }) => (left > 0 ? placeRest(books, request, left) : []));
}

const isFit = ({ units }: Request): boolean => units.length > 0 && units.every(({ flaw, shapes }) => !flaw && shapes.length > 0);

function placeAsBefore(books: Books, request: Request): number {
  let left = request.sessions;
  for (const { sites, sessions, take } of books.before.of(request)) {
    const placed = left > 0 ? placeAt(books.ledger, books.rules, request, sites, Math.min(left, sessions)) : 0;
    take(placed);
    left -= placed;
    if (placed > 0) books.routes.push(routeOf(request, sites, placed));
  }
  return left;
}

function placeRest({ ledger, rules, roundTrip, routes }: Books, request: Request, wanted: number): Failure[] {
  if (!isFit(request)) return [{ request, left: wanted, search: { roomy: request.units.map(() => []), tried: 0 } }];
  const { placements, left, search } = placeRequest(ledger, rules, request, wanted, roundTrip);
  for (const { sites, sessions } of placements) routes.push(routeOf(request, sites, sessions));
  return left > 0 ? [{ request, left, search }] : [];
}

function routeOf({ pipeline, units, tenants, origin, tier }: Request, sites: readonly string[], sessions: number): Route {
  return {
    pipeline: pipeline.name,
    tenants,
    origin,
    sessions,
    tier,
    stages: units.map(({ stage }, at) => ({ stage, site: sites[at] ?? "" })),
  };
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
