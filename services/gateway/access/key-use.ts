import type { Clock } from "@troupe/timeline";
import type { AccessLimits } from "./principal.ts";

/** What a limit needs of a session. */
export interface MeteredSession {
  readonly id: string;
  /** How long it has lasted already, at other gateways. */
  readonly lastedMs: number;
  readonly ended: Promise<unknown>;
  /** Resolves once its end here is settled: false where it goes on, or may go on, at another gateway. */
  readonly concluded: Promise<boolean>;
  /** The session ends soon: tells whoever is attached. */
  warn(seconds: number): void;
  /** The session has used what it may. */
  limitReached(): void;
}

export interface KeyUseDeps {
  readonly clock: Clock;
  readonly utcNowMs: () => number;
}

interface Running {
  readonly session: MeteredSession;
  readonly beganMs: number;
  /** From here on it counts for today. */
  countsFromMs: number;
  warned: boolean;
  over: boolean;
}

const dayMs = 86_400_000;
/** A person is told so long before their session ends. */
const warningMs = 60_000;

/** What one API key uses: the sessions that run, and the time of all its sessions today. */
export class KeyUse {
  /** Sessions that are being opened. */
  opening = 0;
  readonly #deps: KeyUseDeps;
  readonly #running = new Map<MeteredSession, Running>();
  /** Time of today of sessions that left for other gateways: what of it counts anew when they come back. */
  readonly #departedMs = new Map<string, number>();
  #limits: AccessLimits | undefined;
  #day = 0;
  #endedTodayMs = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(deps: KeyUseDeps) {
    this.#deps = deps;
  }

  get sessions(): number {
    return this.#running.size + this.opening;
  }

  /** @param limits of the key as they are now; they hold for all its sessions */
  began(session: MeteredSession, limits: AccessLimits): void {
    this.#turnDay();
    const beganMs = this.#deps.clock.nowMs() - session.lastedMs;
    this.#limits = limits;
    this.#endedTodayMs -= this.#departedMs.get(session.id) ?? 0;
    this.#departedMs.delete(session.id);
    this.#running.set(session, { session, beganMs, countsFromMs: Math.max(beganMs, this.#midnightMs()), warned: false, over: false });
    void session.ended.then(() => this.#ended(session));
    this.#look();
  }

  usedTodayMs(): number {
    this.#turnDay();
    const nowMs = this.#deps.clock.nowMs();
    return [...this.#running.values()].reduce((sum, { countsFromMs }) => sum + nowMs - countsFromMs, this.#endedTodayMs);
  }

  untilTomorrowMs(): number {
    return dayMs - (this.#deps.utcNowMs() % dayMs);
  }

  #ended(session: MeteredSession): void {
    this.#turnDay();
    const running = this.#running.get(session);
    if (!running) return;
    this.#running.delete(session);
    const usedMs = this.#deps.clock.nowMs() - running.countsFromMs;
    this.#endedTodayMs += usedMs;
    this.#departedMs.set(session.id, usedMs);
    void session.concluded.then((over) => over && this.#departedMs.delete(session.id));
    this.#look();
  }

  /** Of this UTC day, on the clock. */
  #midnightMs(): number {
    return this.#deps.clock.nowMs() - (this.#deps.utcNowMs() % dayMs);
  }

  #turnDay(): void {
    const utcMs = this.#deps.utcNowMs();
    const day = Math.floor(utcMs / dayMs);
    if (day === this.#day) return;
    this.#day = day;
    this.#endedTodayMs = 0;
    this.#departedMs.clear();
    for (const running of this.#running.values()) running.countsFromMs = Math.max(running.countsFromMs, this.#midnightMs());
  }

  /** Warns and ends what is due, and looks again when the next is. */
  #look(): void {
    this.#cancelTimer();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const running of this.#running.values()) nextMs = Math.min(nextMs, this.#lookAt(running));
    if (nextMs < Number.POSITIVE_INFINITY) {
      const delayMs = Math.min(Math.ceil(nextMs), this.untilTomorrowMs());
      this.#cancelTimer = this.#deps.clock.setTimer(delayMs, () => this.#look());
    }
  }

  /** @returns in how many milliseconds something is due */
  #lookAt(running: Running): number {
    if (running.over) return Number.POSITIVE_INFINITY;
    const leftMs = this.#leftMs(running);
    if (leftMs <= 0) {
      running.over = true;
      running.session.limitReached();
      return Number.POSITIVE_INFINITY;
    }
    if (leftMs > warningMs) {
      running.warned = false;
      return leftMs - warningMs;
    }
    if (!running.warned) {
      running.warned = true;
      running.session.warn(Math.ceil(leftMs / 1000));
    }
    return leftMs;
  }

  /** Of the day's time every session that runs uses up its part at once. */
  #leftMs({ beganMs }: Running): number {
    const { maxSessionSeconds = Number.POSITIVE_INFINITY, minutesPerDay = Number.POSITIVE_INFINITY } = this.#limits ?? {};
    const ofSessionMs = maxSessionSeconds * 1000 - (this.#deps.clock.nowMs() - beganMs);
    const ofDayMs = (minutesPerDay * 60_000 - this.usedTodayMs()) / this.#running.size;
    return Math.min(ofSessionMs, ofDayMs);
  }
}
