import { ServiceError } from "@troupe/errors";
import type { ElectionDeps, ElectionOptions } from "./election.ts";
import { builtInKinds } from "./kind.ts";
import { claimedSpec, type LeaseRecord, mayTake, readLease, releasedSpec } from "./lease-record.ts";

/** One process before the Lease: what it has seen of it, and its tries. */
export interface Candidate {
  /** @returns since when we hold it, on the injected clock; undefined: somebody else does, or the API server did not answer */
  tryHold(signal: AbortSignal): Promise<number | undefined>;
  /** @returns since when; "taken": by somebody else; undefined: not now */
  renew(signal: AbortSignal): Promise<number | "taken" | undefined>;
  release(): Promise<void>;
}

export function createCandidate(deps: ElectionDeps, options: ElectionOptions & { durationMs: number; retryMs: number }): Candidate {
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
      if (!signal.aborted && reason !== "OBJECT_CONFLICT")
        logger.warn({ reason, detail: message, lease: name }, "the lease was not reached");
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
