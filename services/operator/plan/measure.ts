import { type Bin, type Ledger, shapeIn } from "./ledger.ts";
import type { Failure } from "./place-demand.ts";
import { findPlace, openHosts, type Rules } from "./place-unit.ts";
import type { Request } from "./requests.ts";
import type { Shape, Unit } from "./units.ts";

export interface Measuring {
  /** Where a unit is measured, by unit. */
  readonly sites: ReadonlyMap<string, string>;
  readonly packs: ReadonlySet<Bin>;
}

/** One replica for each unit that could not be placed because nobody knows its capacity: it measures itself when it starts. */
export function measureUnknown(failures: readonly Failure[], ledger: Ledger, rules: Rules): Measuring {
  const sites = new Map<string, string>();
  const packs = new Set<Bin>();
  for (const { request } of failures) {
    for (const unit of request.units) {
      if (sites.has(unit.key) || !isUnknown(unit, request, ledger, rules)) continue;
      const pack = runningPack(unit, request, ledger) ?? openPack(unit, request, ledger, rules);
      if (!pack) continue;
      packs.add(pack);
      sites.set(unit.key, pack.site);
    }
  }
  return { sites, packs };
}

/** No class that was measured is at hand, and one that was not is. */
function isUnknown(unit: Unit, request: Request, ledger: Ledger, rules: Rules): boolean {
  const atHand = (shape: Shape) =>
    request.sites.some(
      (site) =>
        !openHosts(ledger, rules, site, shape).next().done || ledger.binsOf(site, unit.key).some((bin) => shapeIn(bin, unit.key) === shape),
    );
  return (
    !unit.shapes.some((shape) => shape.sessions !== undefined && atHand(shape)) && unit.shapes.some((shape) => shape.sessions === undefined)
  );
}

function runningPack(unit: Unit, request: Request, ledger: Ledger): Bin | undefined {
  for (const site of request.sites) {
    const pack = ledger.binsOf(site, unit.key).find((bin) => shapeIn(bin, unit.key)?.sessions === undefined);
    if (pack) return pack;
  }
  return undefined;
}

/** The cheapest place that there is. */
function openPack(unit: Unit, request: Request, ledger: Ledger, rules: Rules): Bin | undefined {
  const candidates = request.sites
    .flatMap((site) =>
      unit.shapes.filter(({ sessions }) => sessions === undefined).map((shape) => ({ site, shape, price: rules.price(site, shape) })),
    )
    .sort((a, b) => a.price - b.price);
  for (const { site, shape } of candidates) {
    const place = findPlace(ledger, rules, site, [shape]);
    if (place) return ledger.open(place, [shape]);
  }
  return undefined;
}
