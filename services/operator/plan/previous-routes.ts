import { expectedKey } from "./ledger.ts";
import type { Route } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Request } from "./requests.ts";
import type { RoundTrip } from "./sites.ts";
import { unitKey } from "./units.ts";

/** Where the plan before had sessions of a request, as long as they are not taken again. */
export interface PreviousRoutes {
  /** Sites for the request's units with how many sessions were there; those of the very same request first. */
  of(request: Request): readonly { readonly sites: readonly string[]; readonly sessions: number; take(sessions: number): void }[];
}

export function previousRoutes({ previous }: PlanInput, roundTrip: RoundTrip): PreviousRoutes {
  const byPlace = Map.groupBy(
    (previous?.routes ?? []).map((route) => ({ route, left: route.sessions })),
    ({ route }) => placeOf(route.pipeline, route.origin),
  );
  return {
    of(request) {
      const known = byPlace.get(placeOf(request.pipeline.name, request.origin)) ?? [];
      const alike = (route: Route) => Number(route.tier === request.tier && route.tenants.join() === request.tenants.join());
      return known
        .filter(({ left }) => left > 0)
        .map((entry) => ({ entry, sites: sitesFor(request, entry.route, roundTrip) }))
        .filter(({ sites }) => sites !== undefined)
        .sort((a, b) => alike(b.entry.route) - alike(a.entry.route))
        .map(({ entry, sites }) => ({
          sites: sites ?? [],
          sessions: entry.left,
          take: (sessions) => {
            entry.left -= sessions;
          },
        }));
    },
  };
}

const placeOf = (pipeline: string, origin: string | undefined): string => `${pipeline}|${origin ?? ""}`;

/** The sites of a former route in the order of the request's units, if it may still take them. */
function sitesFor({ units, sites, pipeline }: Request, route: Route, roundTrip: RoundTrip): string[] | undefined {
  const chosen = units.map(({ stage }) => route.stages.find((one) => one.stage === stage)?.site);
  const allowed = chosen.every((site) => site !== undefined && sites.includes(site));
  const near = chosen.every((a) => chosen.every((b) => roundTrip(a ?? "", b ?? "") <= pipeline.roundTripLimitMs));
  return allowed && near ? (chosen as string[]) : undefined;
}

/** Sessions that the plan before had, by pool and unit. */
export function expectedSessions({ previous }: PlanInput): ReadonlyMap<string, number> {
  const expected = new Map<string, number>();
  for (const { name, members, sessions } of previous?.pools ?? [])
    for (const [at, member] of members.entries()) expected.set(expectedKey(name, unitKey(member)), sessions[at] ?? 0);
  return expected;
}
