import type { Announcement } from "@troupe/contracts";

/** What a decision about a pool needs to know of one of its pods. */
export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  /** Of its template. */
  readonly revision: string;
  /** `unscheduled`: no node takes it; `starting`: not ready yet; `ended`: all its containers have. */
  readonly state: "unscheduled" | "starting" | "ready" | "ended";
  /** Milliseconds since it was created. */
  readonly ageMs: number;
  /** Asked to go already by its deletion. */
  readonly terminating: boolean;
  /** Named a victim: why, and for how long. */
  readonly drain?: { readonly reason: string; readonly forMs: number };
  /** Its place wants to be empty: why, e.g. "Cordoned". */
  readonly leaving?: string;
  /** A container ends again and again. */
  readonly crashing?: string;
  /** A container of it has been up, so that it may serve sessions. */
  readonly started: boolean;
  /** How long none of its replicas was heard, in milliseconds. */
  readonly silentMs: number;
  /** undefined: none of its replicas is heard. */
  readonly load: PodLoad | undefined;
}

/** What its replicas announce; of a pack, all its stages together. */
export interface PodLoad {
  /** Every stage is heard and admits. */
  readonly admitting: boolean;
  /** Every stage is heard, and none admits. */
  readonly closed: boolean;
  /** The most of any stage: a session has one seat in each. */
  readonly sessions: number;
  /** The least of any stage. */
  readonly headroom: number;
}

/** A pack serves sessions only as all its stages do. @param announcements of each of its stages; undefined: not heard */
export function loadOf(announcements: readonly (Announcement | undefined)[]): PodLoad | undefined {
  const heard = announcements.filter((one) => one !== undefined);
  if (heard.length === 0) return undefined;
  const whole = heard.length === announcements.length;
  return {
    admitting: whole && heard.every(({ admitting }) => admitting),
    closed: whole && !heard.some(({ admitting }) => admitting),
    sessions: Math.max(...heard.map(({ sessions }) => sessions)),
    headroom: whole ? Math.min(...heard.map(({ headroom }) => headroom)) : 0,
  };
}
