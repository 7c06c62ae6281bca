import { ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { OperatorMetrics } from "./metrics.ts";
import type { WorkQueue } from "./queue.ts";

/** One kind's control loop. It is level-triggered: a key says where to look, never what happened. */
export interface Controller {
  /** Lower-case with hyphens; the label of its metrics, and `troupe-<name>` its field manager. */
  readonly name: string;
  /** Keys worked on at the same time; default 1. */
  readonly concurrency?: number;
  /**
   * Brings what the key names to where it should be. Throwing retries with back-off.
   * @param signal aborts when the lease is lost, the process ends or the reconcile takes too long: stop at once
   * @returns a delay only where time itself is an input
   */
  reconcile(key: string, signal: AbortSignal): Promise<{ readonly requeueAfterMs?: number } | undefined>;
}

export interface ControllerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
}

/** A reconcile that takes longer is stopped and tried again. */
const reconcileTimeoutMs = 120_000;

/** Works the queue off until the signal aborts; resolves when the last reconcile has ended. Never rejects. */
export async function runController(deps: ControllerDeps, controller: Controller, queue: WorkQueue, signal: AbortSignal): Promise<void> {
  const depth = deps.metrics.queueDepth;
  const work = async () => {
    for (;;) {
      const next = await queue.take(signal).catch(() => undefined);
      if (!next) return;
      deps.metrics.queueSeconds.observe({ controller: controller.name }, next.waitedMs / 1000);
      depth.set({ controller: controller.name }, queue.depth);
      await reconcileOnce(deps, controller, { queue, key: next.key, signal });
      depth.set({ controller: controller.name }, queue.depth);
    }
  };
  await Promise.all(Array.from({ length: controller.concurrency ?? 1 }, work));
}

interface Work {
  readonly queue: WorkQueue;
  readonly key: string;
  readonly signal: AbortSignal;
}

async function reconcileOnce(deps: ControllerDeps, controller: Controller, work: Work): Promise<void> {
  const { clock, metrics } = deps;
  const { queue, key, signal } = work;
  const startMs = clock.nowMs();
  const limited = limitTime(clock, signal);
  let result = "ok";
  try {
    const outcome = await controller.reconcile(key, limited.signal);
    queue.forget(key);
    if (outcome?.requeueAfterMs !== undefined) queue.addAfter(key, outcome.requeueAfterMs);
  } catch (thrown) {
    result = signal.aborted ? "stopped" : "retry";
    if (!signal.aborted) retry(deps, controller, work, ServiceError.from(thrown));
  } finally {
    limited.end();
    queue.done(key);
    metrics.reconcileSeconds.observe({ controller: controller.name, result }, (clock.nowMs() - startMs) / 1000);
  }
}

function retry({ logger, metrics }: ControllerDeps, { name }: Controller, { queue, key }: Work, error: ServiceError): void {
  metrics.retries.inc({ controller: name, reason: error.reason });
  const delayMs = queue.retry(key, error.retryAfterMs);
  const fields = { controller: name, key, reason: error.reason, detail: error.message, delayMs, retries: queue.retriesOf(key) };
  // Somebody else wrote first: that is how it is meant to go.
  if (error.reason === "OBJECT_CONFLICT") logger.debug(fields, "a reconcile is tried again");
  else logger.warn(error.reason === "INTERNAL" ? { ...fields, err: error } : fields, "a reconcile is tried again");
}

/** AbortSignal.any would keep every one of them for the life of the outer signal. */
function limitTime(clock: Clock, outer: AbortSignal): { readonly signal: AbortSignal; end(): void } {
  const inner = new AbortController();
  const onAbort = () => inner.abort(outer.reason);
  const cancel = clock.setTimer(reconcileTimeoutMs, () =>
    inner.abort(new ServiceError("DEADLINE", `the reconcile took longer than ${reconcileTimeoutMs / 1000} s`)),
  );
  outer.addEventListener("abort", onAbort, { once: true });
  return {
    signal: inner.signal,
    end() {
      cancel();
      outer.removeEventListener("abort", onAbort);
    },
  };
}
