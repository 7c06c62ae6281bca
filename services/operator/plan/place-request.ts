import type { Ledger } from "./ledger.ts";
import { newPrice, newRoom, placeUnit, type Rules, spareRoom } from "./place-unit.ts";
import { compareRanks } from "./policies/policy.ts";
import type { Request } from "./requests.ts";
import type { RoundTrip } from "./sites.ts";
import type { Unit } from "./units.ts";

/** Which site serves which stage, in the order of the request's units. */
export type SiteChoice = readonly string[];

export interface Placement {
  readonly sites: SiteChoice;
  readonly sessions: number;
}

export interface PlacedRequest {
  readonly placements: readonly Placement[];
  /** Sessions that found no place. */
  readonly left: number;
  /** Where the last search ended. */
  readonly search: Search;
}

export interface Search {
  /** Sites with room for at least one session of each unit. */
  readonly roomy: readonly (readonly string[])[];
  /** Some sites were near enough to each other, but not for all stages at once. */
  readonly tried: number;
}

/** Combinations of sites that are tried for one request before it is given up; each that works starts the count anew. */
const maxTries = 64;

/**
 * Places a request's sessions, as many as there is room for. Sessions are split over combinations of sites only as far as they must;
 * all stages of a session are placed, or none. No two stages of a session are further apart than the limit.
 */
export function placeRequest(ledger: Ledger, rules: Rules, request: Request, wanted: number, roundTrip: RoundTrip): PlacedRequest {
  const placements: Placement[] = [];
  let left = wanted;
  for (;;) {
    const found = left > 0 ? placeSome(ledger, rules, request, left, roundTrip) : { search: { roomy: [], tried: 0 }, placement: undefined };
    if (!found.placement) return { placements, left, search: found.search };
    placements.push(found.placement);
    left -= found.placement.sessions;
  }
}

interface Candidate {
  readonly site: string;
  readonly room: number;
  readonly rank: readonly number[];
}

function placeSome(ledger: Ledger, rules: Rules, request: Request, wanted: number, roundTrip: RoundTrip) {
  const candidates = request.units.map((unit) => candidatesFor(ledger, rules, request, unit, wanted, roundTrip));
  const roomy = candidates.map((list) => list.map(({ site }) => site));
  let tried = 0;
  for (const choice of choices(candidates, request.pipeline.roundTripLimitMs, roundTrip)) {
    if (tried++ >= maxTries) break;
    const sites = choice.map(({ site }) => site);
    const sessions = placeAt(ledger, rules, request, sites, Math.min(wanted, ...choice.map(({ room }) => room)));
    if (sessions > 0) return { search: { roomy, tried }, placement: { sites, sessions } };
  }
  return { search: { roomy, tried }, placement: undefined };
}

function candidatesFor(ledger: Ledger, rules: Rules, request: Request, unit: Unit, wanted: number, roundTrip: RoundTrip): Candidate[] {
  const list: Candidate[] = [];
  for (const [order, site] of request.sites.entries()) {
    const spare = spareRoom(ledger, site, unit);
    const room = spare >= wanted ? spare : spare + newRoom(ledger, rules, site, unit, wanted - spare);
    if (room < 1) continue;
    const priceMicros = newPrice(ledger, rules, site, unit, Math.min(wanted, room));
    const roundTripMs = request.origin === undefined ? 0 : roundTrip(request.origin, site);
    list.push({ site, room, rank: rules.policy.rankSite({ priceMicros, roundTripMs, order }) });
  }
  return list.sort((a, b) => compareRanks(a.rank, b.rank));
}

/** Combinations of one site for each stage within the limit, the preferred first; the stage with the fewest sites decides first. */
function* choices(candidates: readonly (readonly Candidate[])[], limitMs: number, roundTrip: RoundTrip): Generator<readonly Candidate[]> {
  const order = candidates.map((_, at) => at).sort((a, b) => (candidates[a]?.length ?? 0) - (candidates[b]?.length ?? 0));
  const chosen: Candidate[] = new Array(candidates.length);
  function* from(depth: number): Generator<readonly Candidate[]> {
    const at = order[depth];
    if (at === undefined) return void (yield [...chosen]);
    const before = order.slice(0, depth).map((one) => chosen[one]?.site ?? "");
    for (const candidate of candidates[at] ?? []) {
      if (before.some((site) => roundTrip(site, candidate.site) > limitMs)) continue;
      chosen[at] = candidate;
      yield* from(depth + 1);
    }
  }
  if (candidates.every((list) => list.length > 0)) yield* from(0);
}

/** As many sessions as all stages find room for together; stages at one site may want the same device, so it is tried. */
export function placeAt(ledger: Ledger, rules: Rules, request: Request, sites: SiteChoice, wanted: number): number {
  let sessions = wanted;
  for (; sessions > 0; sessions = Math.floor(sessions / 2)) {
    const mark = ledger.mark();
    const all = request.units.every((unit, at) => placeUnit(ledger, rules, sites[at] ?? "", unit, sessions, request.tier === "guaranteed"));
    if (all) return sessions;
    ledger.undo(mark);
  }
  return 0;
}
