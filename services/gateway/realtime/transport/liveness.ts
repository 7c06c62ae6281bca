import type { Clock } from "@troupe/timeline";
import type { RealtimeLimits } from "../limits.ts";

export interface LivenessDeps {
  readonly clock: Clock;
  readonly limits: Pick<RealtimeLimits, "pingMs" | "silenceMs">;
  readonly ping: () => void;
  /** The socket is not read at present, so silence means nothing. */
  readonly deaf: () => boolean;
  readonly onDead: () => void;
}

/** Pings a peer and tells when it has been silent for too long. */
export class Liveness {
  readonly #deps: LivenessDeps;
  #heardMs: number;
  #cancel: () => void;

  constructor(deps: LivenessDeps) {
    this.#deps = deps;
    this.#heardMs = deps.clock.nowMs();
    this.#cancel = deps.clock.setTimer(deps.limits.pingMs, () => this.#beat());
  }

  /** Something came: a message or a pong. */
  heard(): void {
    this.#heardMs = this.#deps.clock.nowMs();
  }

  stop(): void {
    this.#cancel();
  }

  #beat(): void {
    const { clock, limits, ping, deaf, onDead } = this.#deps;
    if (deaf()) this.heard();
    if (clock.nowMs() - this.#heardMs >= limits.silenceMs) return onDead();
    ping();
    this.#cancel = clock.setTimer(limits.pingMs, () => this.#beat());
  }
}
