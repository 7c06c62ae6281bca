import { ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { createCandidate } from "./candidate.ts";
import { fenced } from "./fence.ts";
import type { KubeApi } from "./kube-api.ts";
import type { OperatorMetrics } from "./metrics.ts";

export interface ElectionDeps {
  readonly api: KubeApi;
  readonly clock: Clock;
  /** Milliseconds since 1970, UTC; only written into the Lease for people. */
  readonly utcNowMs: () => number;
  readonly logger: Logger;
  readonly metrics?: OperatorMetrics;
  /** 0 to 1; default Math.random. */
  readonly random?: () => number;
}

export interface ElectionOptions {
  readonly lease: string;
  readonly namespace: string;
  /** Unique to this process. */
  readonly identity: string;
  /** Others may take the lease when it has stood unchanged for so long; default 15 s. */
  readonly durationMs?: number;
  /** The holder stops when it has not renewed for so long; default 10 s. The difference is what clocks may drift apart. */
  readonly renewDeadlineMs?: number;
  /** Between tries; default 2 s. */
  readonly retryMs?: number;
}

/** From taking the lease until its loss or the end of the process. */
export interface Term {
  /** Aborts at once at the loss (LEADERSHIP_LOST) and at the end of the process. */
  readonly signal: AbortSignal;
  /** Refuses writes from the loss on. */
  readonly api: KubeApi;
}

/**
 * Takes the lease, lets `lead` work while it is held, and campaigns again after a loss; on abort it waits for `lead` and gives the lease
 * back. After client-go's leaderelection: times of other machines are never compared, only how long the Lease stood unchanged by our
 * clock, so that clocks may be off by any amount; their rates may differ by durationMs / renewDeadlineMs.
 * @param lead must end soon once its signal aborts
 */
export async function runElection(
  deps: ElectionDeps,
  options: ElectionOptions,
  lead: (term: Term) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, metrics, random = Math.random } = deps;
  const { durationMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2000, identity } = options;
  const candidate = createCandidate(deps, { ...options, durationMs, retryMs });
  metrics?.leader.set(0);
  while (!signal.aborted) {
    const heldFromMs = await candidate.tryHold(signal);
    if (heldFromMs !== undefined) {
      metrics?.leader.set(1);
      metrics?.leaderChanges.inc({ change: "acquired" });
      logger.info({ identity, lease: options.lease }, "the lease is ours");
      const lost = await serve(startTenure(clock, { heldFromMs, renewDeadlineMs }, signal));
      metrics?.leader.set(0);
      metrics?.leaderChanges.inc({ change: lost ? "lost" : "released" });
      logger[lost ? "warn" : "info"]({ identity, lease: options.lease }, lost ? "the lease is lost" : "the lease is given back");
    }
    await clock.sleep(retryMs * (1 + 0.2 * random()), signal).catch(() => undefined);
  }

  /** @returns whether the lease was lost; otherwise it was given back */
  async function serve(tenure: Tenure): Promise<boolean> {
    const leading = lead({ signal: tenure.signal, api: fenced(deps.api, tenure.held, tenure.signal) }).catch((thrown) => {
      const error = ServiceError.from(thrown);
      if (!tenure.signal.aborted) logger.error({ reason: error.reason, err: error }, "the leader's work failed");
      tenure.end(error);
    });
    while (!tenure.signal.aborted) {
      await clock.sleep(retryMs, tenure.signal).catch(() => undefined);
      const renewed = tenure.signal.aborted ? undefined : await candidate.renew(tenure.signal);
      if (renewed === "taken") tenure.end(lossError());
      else if (renewed !== undefined) tenure.extend(renewed);
    }
    await leading;
    const lost = !tenure.held() || ServiceError.from(tenure.signal.reason).reason === "LEADERSHIP_LOST";
    tenure.close();
    if (!lost) await candidate.release();
    return lost;
  }
}

const lossError = () => new ServiceError("LEADERSHIP_LOST", "the lease could not be renewed in time");

/** How long the lease counts as held. */
interface Tenure {
  readonly signal: AbortSignal;
  /** By the clock, also where a timer is late. */
  held(): boolean;
  /** Renewed, at this time on the injected clock. */
  extend(fromMs: number): void;
  end(reason: ServiceError): void;
  close(): void;
}

function startTenure(clock: Clock, limits: { heldFromMs: number; renewDeadlineMs: number }, outer: AbortSignal): Tenure {
  const { renewDeadlineMs } = limits;
  const abort = new AbortController();
  const onAbort = () => abort.abort(outer.reason);
  const lose = () => abort.abort(lossError());
  let untilMs = limits.heldFromMs + renewDeadlineMs;
  let cancel = clock.setTimer(untilMs - clock.nowMs(), lose);
  outer.addEventListener("abort", onAbort, { once: true });
  if (outer.aborted) onAbort();
  return {
    signal: abort.signal,
    held: () => clock.nowMs() < untilMs,
    extend(fromMs) {
      untilMs = fromMs + renewDeadlineMs;
      cancel();
      cancel = clock.setTimer(untilMs - clock.nowMs(), lose);
    },
    end: (reason) => abort.abort(reason),
    close() {
      cancel();
      outer.removeEventListener("abort", onAbort);
    },
  };
}
