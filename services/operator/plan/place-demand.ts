import type { Decision } from "../kube/decision.ts";
import { createDeviceReserve, type DeviceReserve, noReserve } from "./device-reserve.ts";
import { keepExisting, poolPatterns } from "./keep.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { placeAt, placeRequest, type Search } from "./place-request.ts";
import type { Rules } from "./place-unit.ts";
import type { Leaving, Route } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import { compareRanks, type PlacementPolicy, type Rank } from "./policies/policy.ts";
import { expectedSessions, type PreviousRoutes, previousRoutes } from "./previous-routes.ts";
import type { Draft } from "./reclaim.ts";
import { type Refused, type Request, readRequests } from "./requests.ts";
import { createScarcity, neverScarce } from "./scarcity.ts";
import { createPrices, createRoundTrips, type RoundTrip } from "./sites.ts";
import { createUnits, type Units } from "./units.ts";

export interface Books {
  readonly input: PlanInput;
  readonly units: Units;
  readonly ledger: Ledger;
  readonly rules: Rules;
  /** Kept for devices as long as others may want them. */
  readonly reserve: DeviceReserve;
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

export interface PlacedDemand extends Draft {
  readonly books: Books;
  readonly leaving: readonly Leaving[];
  readonly refused: readonly Refused[];
  /** What is still to be placed if there is room. */
  readonly headroom: readonly Request[];
}

/**
 * Enters what runs, and places what is asked for at the lowest price. Where that leaves sessions without a place, it is tried again with
 * prices that rise as places become scarce, and the attempt counts that leaves fewer.
 */
export function placeDemand(input: PlanInput, policy: PlacementPolicy, givenUp: ReadonlyMap<string, Decision>): PlacedDemand {
  const cheapest = tryPlacing(openBooks(input, policy, false), givenUp);
  if (!cheapest.failures.some(({ request }) => isFit(request) && request.sites.length > 0)) return cheapest;
  const spread = tryPlacing(openBooks(input, policy, true), givenUp);
  return compareRanks(rankOf(spread), rankOf(cheapest)) < 0 ? spread : cheapest;
}

function rankOf({ failures }: Draft): Rank {
  const leftOf = (tier: Request["tier"]) => failures.reduce((sum, { request, left }) => sum + (request.tier === tier ? left : 0), 0);
  return [leftOf("guaranteed"), leftOf("demand")];
}

function openBooks(input: PlanInput, policy: PlacementPolicy, scarce: boolean): Books {
  const units = createUnits(input);
  const ledger = createLedger(input.inventory, expectedSessions(input));
  const reserve = createDeviceReserve(input.pipelines.flatMap(({ stages }) => stages.flatMap((stage) => units(stage).shapes)));
  const rules: Rules = {
    policy,
    closedSites: new Set(input.sites.filter(({ state }) => state !== "open").map(({ name }) => name)),
    exclusions: input.exclusions.filter(({ untilMs }) => untilMs > input.nowMs),
    price: createPrices(input),
    scarcity: scarce ? createScarcity(ledger, reserve) : neverScarce,
    reserve: noReserve,
    poolsOf: poolPatterns(input, units),
  };
  const roundTrip = createRoundTrips(input.sites);
  return { input, units, rules, reserve, ledger, roundTrip, routes: [], before: previousRoutes(input, roundTrip) };
}

function tryPlacing(books: Books, givenUp: ReadonlyMap<string, Decision>): PlacedDemand {
  const { input, units, rules, ledger, roundTrip } = books;
  const leaving = keepExisting(input, units, rules, ledger, givenUp);
  const { requests, refused } = readRequests(input, units, roundTrip);
  const inTier = (tier: Request["tier"]) => requests.filter((request) => request.tier === tier).sort(rules.policy.compareRequests);
  const failures = placeAll(books, [...inTier("guaranteed"), ...inTier("demand")]);
  return { books, ledger, leaving, refused, failures, headroom: inTier("headroom") };
}

interface Rest {
  readonly request: Request;
  readonly left: number;
}

/** All of them first where they were before, as far as that goes; then the rest, tier after tier as they come. */
export function placeAll(books: Books, requests: readonly Request[]): Failure[] {
  const rest = requests.map((request): Rest => ({ request, left: isFit(request) ? placeAsBefore(books, request) : request.sessions }));
  return [...Map.groupBy(rest, ({ request }) => request.tier).values()].flatMap((tier) => placeTier(books, tier));
}

/** One after the other, first without the CPU that free devices need. Devices that nobody wanted then need it no more. */
function placeTier(books: Books, rest: readonly Rest[]): Failure[] {
  const sparing = { ...books, rules: { ...books.rules, reserve: books.reserve } };
  const missing = rest.flatMap(({ request, left }) => (left > 0 ? placeRest(sparing, request, left) : []));
  return missing.flatMap(({ request, left }) => placeRest(books, request, left));
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
