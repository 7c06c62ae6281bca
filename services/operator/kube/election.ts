import { ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { fenced } from "./fence.ts";
import { builtInKinds } from "./kind.ts";
import type { KubeApi } from "./kube-api.ts";
import { claimedSpec, type LeaseRecord, mayTake, readLease, releasedSpec } from "./lease-record.ts";
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
      await serveTerm({ heldFromMs });
      metrics?.leader.set(0);
    }
    await clock.sleep(retryMs * (1 + 0.2 * random()), signal).catch(() => undefined);
  }

  async function serveTerm({ heldFromMs }: { heldFromMs: number }): Promise<void> {
    let untilMs = heldFromMs + renewDeadlineMs;
    const term = new AbortController();
    const lose = () => term.abort(new ServiceError("LEADERSHIP_LOST", "the lease could not be renewed in time"));
    const onAbort = () => term.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    let cancelLoss = clock.setTimer(untilMs - clock.nowMs(), lose);
    const api = fenced(deps.api, () => clock.nowMs() < untilMs, term.signal);
    const leading = lead({ signal: term.signal, api }).catch((thrown) => {
      const error = ServiceError.from(thrown);
      if (!term.signal.aborted) logger.error({ reason: error.reason, err: error }, "the leader's work failed");
      term.abort(error);
    });

    while (!term.signal.aborted) {
      await clock.sleep(retryMs, term.signal).catch(() => undefined);
      if (term.signal.aborted) break;
      const renewed = await candidate.renew(term.signal);
      if (renewed === "taken") lose();
      if (typeof renewed !== "number") continue;
      untilMs = renewed + renewDeadlineMs;
      cancelLoss();
      cancelLoss = clock.setTimer(untilMs - clock.nowMs(), lose);
    }
    cancelLoss();
    signal.removeEventListener("abort", onAbort);
    await leading;
    const lost = ServiceError.from(term.signal.reason).reason === "LEADERSHIP_LOST" || clock.nowMs() >= untilMs;
    if (!lost) await candidate.release();
    metrics?.leaderChanges.inc({ change: lost ? "lost" : "released" });
    logger[lost ? "warn" : "info"]({ identity, lease: options.lease }, lost ? "the lease is lost" : "the lease is given back");
  }
}

interface Candidate {
  /** @returns since when we hold it, on the injected clock; undefined: somebody else does, or the API server did not answer */
  tryHold(signal: AbortSignal): Promise<number | undefined>;
  /** @returns since when; "taken": by somebody else; undefined: not now */
  renew(signal: AbortSignal): Promise<number | "taken" | undefined>;
  release(): Promise<void>;
}

function createCandidate(deps: ElectionDeps, options: ElectionOptions & { durationMs: number; retryMs: number }): Candidate {
  const { api, clock, utcNowMs, logger } = deps;
  const { lease: name, namespace, identity, durationMs } = options;
  const ref = { name, namespace };
  const manager = "troupe-election";
  const kind = builtInKinds.leases;
  let observed: { readonly record: LeaseRecord; readonly sinceMs: number } | undefined;

  function observe(record: LeaseRecord): LeaseRecord {
    if (observed?.record.resourceVersion !== record.resourceVersion) observed = { record, sinceMs: clock.nowMs() };
    return record;
  }

  async function write(before: LeaseRecord | undefined, signal: AbortSignal): Promise<number> {
    // The term counts from before the write: whoever reads the Lease reads it later.
    const fromMs = clock.nowMs();
    const spec = claimedSpec(before, { identity, durationMs, utcNowMs: utcNowMs() });
    const lease = before
      ? await api.replace(kind, { metadata: { ...ref, resourceVersion: before.resourceVersion }, spec }, manager, { signal })
      : await api.create(kind, { metadata: ref, spec }, manager, { signal });
    observe(readLease(lease));
    return fromMs;
  }

  /** A call that hangs must leave time for another within the term. */
  async function limited<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const inner = new AbortController();
    const onAbort = () => inner.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const cancel = clock.setTimer(options.retryMs * 2, () => inner.abort(new ServiceError("DEADLINE", "the lease call took too long")));
    try {
      return await call(inner.signal);
    } catch (thrown) {
      const { reason, message } = ServiceError.from(thrown);
      if (!signal.aborted && reason !== "OBJECT_CONFLICT") logger.warn({ reason, detail: message, lease: name }, "the lease was not reached");
      return undefined;
    } finally {
      cancel();
      signal.removeEventListener("abort", onAbort);
    }
  }

  async function read(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    try {
      return observe(readLease(await api.get(kind, ref, { signal })));
    } catch (thrown) {
      if (ServiceError.from(thrown).reason === "OBJECT_UNKNOWN") return undefined;
      throw thrown;
    }
  }

  return {
    tryHold: (outer) =>
      limited(outer, async (signal) => {
        const record = await read(signal);
        if (record && !mayTake(record, identity, clock.nowMs() - (observed?.sinceMs ?? 0))) return undefined;
        return write(record, signal);
      }),
    renew: (outer) =>
      limited(outer, async (signal) => {
        const record = await read(signal);
        if (record && record.holder !== identity) return "taken" as const;
        return write(record, signal);
      }),
    async release() {
      const before = observed?.record;
      if (!before) return;
      await limited(new AbortController().signal, (signal) =>
        api.replace(
          kind,
          { metadata: { ...ref, resourceVersion: before.resourceVersion }, spec: releasedSpec(before, utcNowMs()) },
          manager,
          { signal },
        ),
      );
    },
  };
}
