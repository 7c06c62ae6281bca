import { ServiceError } from "@troupe/errors";
import { createManualClock } from "@troupe/testkit";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { type Controller, runController } from "./controller.ts";
import { createOperatorMetrics } from "./metrics.ts";
import { createQueue } from "./queue.ts";

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function setup(reconcile: Controller["reconcile"], concurrency = 1) {
  const clock = createManualClock();
  const registry = new Registry();
  const queue = createQueue({ clock, random: () => 1 }, { backoff: { initialMs: 100, maxMs: 1000 } });
  const abort = new AbortController();
  const deps = { clock, logger: quiet, metrics: createOperatorMetrics(registry) };
  const running = runController(deps, { name: "test", concurrency, reconcile }, queue, abort.signal);
  /** What is ready runs first, then time passes. */
  const pass = async (ms: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(ms);
  };
  return { clock, queue, registry, abort, running, pass };
}

describe("a controller", () => {
  it("comes back when time is an input, and only then", async () => {
    const atMs: number[] = [];
    const { clock, queue, abort, running, pass } = setup(async () => {
      atMs.push(clock.nowMs());
      return atMs.length === 1 ? { requeueAfterMs: 500 } : undefined;
    });
    queue.add("a");
    await pass(5000);
    abort.abort();
    await running;
    expect(atMs).toEqual([0, 500]);
  });

  it("tries a failed key again with growing delays, and not before the server wants it", async () => {
    const atMs: number[] = [];
    const { clock, queue, registry, abort, running, pass } = setup(async () => {
      atMs.push(clock.nowMs());
      if (atMs.length === 2) throw new ServiceError("CLUSTER_UNAVAILABLE", "busy", { retryAfterMs: 3000 });
      if (atMs.length < 4) throw new Error("no");
      return undefined;
    });
    queue.add("a");
    await pass(10_000);
    abort.abort();
    await running;
    expect(atMs).toEqual([0, 100, 3100, 3500]);
    expect(queue.retriesOf("a")).toBe(0);
    expect(await registry.getSingleMetricAsString("troupe_operator_retries_total")).toContain(
      'troupe_operator_retries_total{controller="test",reason="CLUSTER_UNAVAILABLE"} 1',
    );
  });

  it("stops a reconcile that hangs, and tries it again", async () => {
    let runs = 0;
    const { queue, abort, running, pass } = setup(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          runs += 1;
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    queue.add("a");
    await pass(121_000);
    abort.abort();
    await running;
    expect(runs).toBe(2);
  });

  it("stops everything at once on abort, and takes nothing up afterwards", async () => {
    const started: string[] = [];
    const { clock, queue, abort, running, pass } = setup((key, signal) => {
      started.push(key);
      return clock.sleep(60_000, signal).then(() => undefined);
    }, 2);
    for (const key of ["a", "b", "c"]) queue.add(key);
    await pass(10);
    abort.abort(new ServiceError("LEADERSHIP_LOST", "lost"));
    await running;
    expect(started).toEqual(["a", "b"]);
    expect(queue.depth).toBe(1);
  });
});
