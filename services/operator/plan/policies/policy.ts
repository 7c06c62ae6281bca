import type { Bin, Place } from "../ledger.ts";
import type { Request } from "../requests.ts";
import type { Shape } from "../units.ts";

/** Numbers compared from the first on; the smallest wins. */
export type Rank = readonly number[];

/** What a greedy plan prefers; what is allowed is not its business. */
export interface PlacementPolicy {
  readonly name: string;
  /** Which of two requests of the same tier is placed first. */
  compareRequests(a: Request, b: Request): number;
  rankSite(candidate: SiteCandidate): Rank;
  rankHost(place: Place, shape: Shape): Rank;
  /** A pack that has room for what is left of a stage; undefined: rather open another. */
  rankPack(bin: Bin, shape: Shape, sessions: number): Rank | undefined;
}

/** A site that has room for at least one session of a stage. */
export interface SiteCandidate {
  /** What would have to be opened there for the sessions asked for, per session and hour. */
  readonly priceMicros: number;
  /** From the gateway's site; 0 if there is none. */
  readonly roundTripMs: number;
  /** Place in the input. */
  readonly order: number;
}

export function compareRanks(a: Rank, b: Rank): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (Math.abs(difference) > 1e-9) return difference;
  }
  return 0;
}

/** The candidate with the smallest rank; of equals the first. Those without a rank don't take part. */
export function best<T>(candidates: Iterable<T>, rankOf: (candidate: T) => Rank | undefined): T | undefined {
  let winner: { candidate: T; rank: Rank } | undefined;
  for (const candidate of candidates) {
    const rank = rankOf(candidate);
    if (rank && (!winner || compareRanks(rank, winner.rank) < 0)) winner = { candidate, rank };
  }
  return winner?.candidate;
}
