import { apportion, fairParts } from "./apportion.ts";

/** One site's part of a limit, as it is. All numbers are sessions. */
export interface SiteSeats {
  readonly site: string;
  /** Its part by the newest decision. */
  readonly limit: number;
  /** The most it may still work by: of decisions that it has not confirmed to have replaced. */
  readonly held: number;
  /** Sessions there now. */
  readonly active: number;
  /** Those, and those that were refused and wait. */
  readonly demand: number;
  /** silent: cut off, it keeps and spends its own. closed: it is to have none. */
  readonly state: "open" | "silent" | "closed";
}

/** Beyond its demand a site wants so much, so that the next session needs no other site's seat. */
const reservePercent = 25;

/** What a site may work by, or works by: nobody else may have these seats. */
export const seatsHeld = ({ limit, held, active }: SiteSeats): number => Math.max(limit, held, active);

/** A site without demand keeps this part of an even share: it may be cut off before anybody comes. */
const idlePart = 1 / 4;

const needOf = ({ active, demand }: SiteSeats, idle: number): number =>
  Math.max(idle, active, Math.ceil((demand * (100 + reservePercent)) / 100));

/**
 * The parts of a limit over sites, one for each in their order.
 * - Together with what sites still hold they are never above the limit (unless the limit was lowered below what they hold): a seat goes to
 *   another site only when its site has confirmed that it gave it up. While they hold more than the limit, no part grows, not even to
 *   what its site holds.
 * - A silent site's part stays as it is.
 * - Where every site has what it needs, nothing changes; otherwise no more seats move than are missing.
 * @param limit sessions over all sites
 */
export function splitSeats(limit: number, sites: readonly SiteSeats[]): readonly number[] {
  const open = sites.filter(({ state }) => state === "open");
  const silentHold = sum(sites.filter(({ state }) => state === "silent").map(seatsHeld));
  const sharers = sites.filter(({ state }) => state !== "closed").length;
  const idle = Math.max(1, Math.floor((limit * idlePart) / Math.max(1, sharers)));
  if (isSettled(limit, sites, idle)) return sites.map((site) => site.limit);
  const wanted = arrange(
    Math.max(0, limit - silentHold),
    open,
    open.map((site) => needOf(site, idle)),
  );
  const parts = sites.map((site) => (site.state === "open" ? (wanted[open.indexOf(site)] ?? 0) : site.state === "silent" ? site.limit : 0));
  const free = limit - sum(sites.map(seatsHeld));
  // Where more is held than there is, what a site holds beyond its part may have been given to another since.
  const own = sites.map((site) => (free < 0 ? site.limit : seatsHeld(site)));
  const raises = sites.map((site, at) => (site.state === "open" ? Math.max(0, (parts[at] ?? 0) - (own[at] ?? 0)) : 0));
  const granted = apportion(Math.min(Math.max(0, free), sum(raises)), raises);
  return sites.map((site, at) =>
    site.state === "open" ? Math.min(parts[at] ?? 0, (own[at] ?? 0) + (granted[at] ?? 0)) : (parts[at] ?? 0),
  );
}

/** The usual case, of ten thousand tenants nearly all: everybody has what it needs, and all is given out. */
function isSettled(limit: number, sites: readonly SiteSeats[], idle: number): boolean {
  let given = 0;
  for (const site of sites) {
    if (site.state !== "open" || site.limit < needOf(site, idle) || site.held > site.limit) return false;
    given += site.limit;
  }
  return given === limit;
}

/** Where the seats are to be in the end. */
function arrange(pool: number, sites: readonly SiteSeats[], needs: readonly number[]): readonly number[] {
  const seats = sites.map(({ limit }) => limit);
  const active = sites.map((site) => site.active);
  const over = (floors: readonly number[]) => seats.map((have, at) => Math.max(0, have - (floors[at] ?? 0)));
  const under = (levels: readonly number[]) => seats.map((have, at) => Math.max(0, (levels[at] ?? 0) - have));
  const take = (amount: number, from: readonly number[]) => change(seats, apportion(Math.min(amount, sum(from)), from), -1);
  const give = (amount: number, to: readonly number[]) => change(seats, apportion(Math.min(amount, sum(to)), to), 1);
  const excess = () => Math.max(0, sum(seats) - pool);
  const free = () => Math.max(0, pool - sum(seats));

  // The limit is lower now: first what nobody needs, then what nobody uses, then the rest.
  for (const floors of [needs, active, sites.map(() => 0)]) take(excess(), over(floors));
  give(free(), under(needs));
  move(over(needs), under(needs));
  // Not enough for all: nobody keeps more than a fair part, but for sessions there are.
  const fair = fairParts(pool, needs);
  move(over(fair.map((part, at) => Math.max(part, active[at] ?? 0))), under(fair));
  const rest = apportion(
    free(),
    sites.map(() => 1),
  );
  change(seats, rest, 1);
  return seats;

  function move(from: readonly number[], to: readonly number[]): void {
    const amount = Math.min(sum(from), sum(to));
    take(amount, from);
    give(amount, to);
  }
}

function change(seats: number[], amounts: readonly number[], sign: 1 | -1): void {
  for (const [at, amount] of amounts.entries()) seats[at] = (seats[at] ?? 0) + sign * amount;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * The parts of a guarantee: in proportion to the parts of the limit, and none larger than it. A silent site keeps its own.
 * @param parts of the limit, one for each site
 * @param before parts of the guarantee up to now
 */
export function splitGuarantee(
  guaranteed: number,
  sites: readonly Pick<SiteSeats, "state">[],
  parts: readonly number[],
  before: readonly number[],
): readonly number[] {
  const isSilent = (at: number) => sites[at]?.state === "silent";
  const weights = parts.map((part, at) => (isSilent(at) ? 0 : part));
  const kept = sum(before.filter((_, at) => isSilent(at)));
  const shares = apportion(Math.min(Math.max(0, guaranteed - kept), sum(weights)), weights);
  return parts.map((_, at) => (isSilent(at) ? (before[at] ?? 0) : (shares[at] ?? 0)));
}
