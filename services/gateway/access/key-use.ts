import type { Clock } from "@troupe/timeline";
import type { AccessLimits } from "./principal.ts";

/** What a limit needs of a session. */
export interface MeteredSession {
  readonly ended: Promise<unknown>;
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
    const nowMs = this.#deps.clock.nowMs();
    this.#limits = limits;
    this.#running.set(session, { session, beganMs: nowMs, countsFromMs: nowMs, warned: false, over: false });
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
    this.#endedTodayMs += this.#deps.clock.nowMs() - running.countsFromMs;
    this.#look();
  }

  #turnDay(): void {
    const utcMs = this.#deps.utcNowMs();
    const day = Math.floor(utcMs / dayMs);
    if (day === this.#day) return;
    this.#day = day;
    this.#endedTodayMs = 0;
    const midnightMs = this.#deps.clock.nowMs() - (utcMs % dayMs);
    for (const running of this.#running.values()) running.countsFromMs = Math.max(running.countsFromMs, midnightMs);
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
