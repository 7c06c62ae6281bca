import { ServiceError } from "@troupe/errors";
import type { Clock } from "@troupe/timeline";
import { KeyUse, type MeteredSession } from "./key-use.ts";
import type { Principal } from "./principal.ts";

/** A place that is kept for a session until it has opened or could not. */
export interface Admission {
  opened(session: MeteredSession): void;
  failed(): void;
}

export interface SessionQuotasDeps {
  readonly clock: Clock;
  /** Wall clock, in milliseconds since 1970; days begin at midnight UTC. */
  readonly utcNowMs: () => number;
}

/** Holds every API key to its limits, at this gateway. */
export class SessionQuotas {
  readonly #deps: SessionQuotasDeps;
  readonly #uses = new Map<string, KeyUse>();

  constructor(deps: SessionQuotasDeps) {
    this.#deps = deps;
  }

  /** @throws ServiceError LIMIT_REACHED; its metadata name the limit */
  admit(principal: Principal): Admission {
    const { limits } = principal;
    const use = this.#useOf(principal);
    if (use.sessions >= limits.maxSessions) throw reached("max_sessions", limits.maxSessions, "sessions at a time", 5000);
    if (use.usedTodayMs() >= limits.minutesPerDay * 60_000)
      throw reached("minutes_per_day", limits.minutesPerDay, "minutes a day (UTC)", use.untilTomorrowMs());
    use.opening++;
    let settled = false;
    const settle = () => {
      if (!settled) use.opening--;
      settled = true;
    };
    return {
      opened(session) {
        settle();
        use.began(session, limits);
      },
      failed: settle,
    };
  }

  /** Another gateway's session goes on here: it is counted, and not refused. */
  adopt(principal: Principal, session: MeteredSession): void {
    this.#useOf(principal).began(session, principal.limits);
  }

  #useOf({ key }: Principal): KeyUse {
    const use = this.#uses.get(key) ?? new KeyUse(this.#deps);
    this.#uses.set(key, use);
    return use;
  }
}

const reached = (limit: string, value: number, what: string, retryAfterMs: number) =>
  new ServiceError("LIMIT_REACHED", `the API key allows ${value} ${what}`, { metadata: { limit, value: String(value) }, retryAfterMs });
