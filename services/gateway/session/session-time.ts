import { create } from "@bufbuild/protobuf";
import { NoticeKind, NoticeSchema } from "@troupe/contracts";
import type { Clock } from "@troupe/timeline";
import type { SessionEvent } from "./session-event.ts";

/** How long a session may last, in seconds; 0: as long as it likes. */
export interface SessionTimes {
  /** Without anything said or typed. */
  readonly idleSeconds: number;
  /** In all. */
  readonly maxSessionSeconds: number;
  /** Before either ends it, a notice is given. */
  readonly noticeSeconds: number;
  /** How long it has lasted already, at other gateways. Default 0. */
  readonly lastedSeconds?: number;
}

export const defaultSessionTimes: SessionTimes = { idleSeconds: 0, maxSessionSeconds: 0, noticeSeconds: 0 };

export type ExpiryReason = "idle" | "session_limit";

export interface SessionTimeDeps {
  readonly clock: Clock;
  readonly emit: (event: SessionEvent) => void;
  readonly onExpire: (reason: ExpiryReason) => void;
}

/** Ends a session that lasts too long, or in which nothing happens, and says so before. */
export class SessionTime {
  readonly #deps: SessionTimeDeps;
  readonly #times: SessionTimes;
  #cancelIdle: () => void = () => undefined;
  readonly #cancelLimit: () => void;
  #closed = false;

  constructor(deps: SessionTimeDeps, times: SessionTimes) {
    this.#deps = deps;
    this.#times = times;
    this.#cancelLimit = this.#countDown(times.maxSessionSeconds, NoticeKind.SESSION_LIMIT, "session_limit", times.lastedSeconds);
    this.active();
  }

  /** Somebody says something: the time without begins anew. */
  active(): void {
    if (this.#closed) return;
    this.#cancelIdle();
    this.#cancelIdle = this.#countDown(this.#times.idleSeconds, NoticeKind.IDLE, "idle");
  }

  close(): void {
    this.#closed = true;
    this.#cancelIdle();
    this.#cancelLimit();
  }

  /** @returns cancels it */
  #countDown(seconds: number, kind: NoticeKind, reason: ExpiryReason, lastedSeconds = 0): () => void {
    if (seconds <= 0) return () => undefined;
    const { clock, emit, onExpire } = this.#deps;
    const leftSeconds = Math.max(0, seconds - lastedSeconds);
    const noticeSeconds = Math.min(this.#times.noticeSeconds, Math.ceil(leftSeconds));
    let cancel = clock.setTimer(Math.max(0, leftSeconds - noticeSeconds) * 1000, () => {
      if (noticeSeconds > 0) emit({ case: "notice", value: create(NoticeSchema, { kind, seconds: noticeSeconds }) });
      cancel = clock.setTimer(Math.min(noticeSeconds, leftSeconds) * 1000, () => onExpire(reason));
    });
    return () => cancel();
  }
}
