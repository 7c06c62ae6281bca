import { ServiceError } from "@troupe/errors";
import type { Clock } from "@troupe/timeline";
import ipaddr from "ipaddr.js";

export interface FailedAttemptsPolicy {
  /** Attempts that may fail at once. */
  readonly burst: number;
  /** Time after which one more may. */
  readonly refillMs: number;
  /** Addresses that are remembered; the one that failed longest ago is forgotten first. */
  readonly maxAddresses: number;
}

export const defaultFailedAttempts: FailedAttemptsPolicy = { burst: 20, refillMs: 3000, maxAddresses: 10_000 };

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/**
 * Counts failed authentication by address, a token bucket each: who guesses is told to wait. A valid key of the same address still
 * passes, since many people share one address, and 256 random bits are not found by trying.
 */
export class FailedAttempts {
  readonly #clock: Clock;
  readonly #policy: FailedAttemptsPolicy;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, policy: FailedAttemptsPolicy = defaultFailedAttempts) {
    this.#clock = clock;
    this.#policy = policy;
  }

  /** One more has failed. @returns the error to answer with: `error`, or LIMIT_REACHED where there were too many */
  failed(address: string, error: ServiceError): ServiceError {
    const { burst, refillMs } = this.#policy;
    const nowMs = this.#clock.nowMs();
    const network = networkOf(address);
    const kept = this.#buckets.get(network) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, kept.left + (nowMs - kept.atMs) / refillMs);
    this.#remember(network, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
    if (left >= 1) return error;
    return new ServiceError("LIMIT_REACHED", "authentication failed too often from this address", {
      metadata: { limit: "failed_attempts" },
      retryAfterMs: Math.ceil((1 - left) * refillMs),
    });
  }

  #remember(network: string, bucket: Bucket): void {
    this.#buckets.delete(network);
    this.#buckets.set(network, bucket);
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size > this.#policy.maxAddresses && !oldest.done) this.#buckets.delete(oldest.value);
  }
}

/** Of IPv6 the first 64 bits: whoever has one address has all of these. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
}
