import { createManualClock, type ManualClock } from "@troupe/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQueue, type WorkQueue } from "./queue.ts";

const rate = { perSecond: 100, burst: 5 };
const backoff = { initialMs: 100, maxMs: 1000 };

interface Run {
  readonly key: string;
  readonly startMs: number;
  endMs?: number;
}

/** Takers that hold each key for a time of their own and note what they were given. */
function startTakers(clock: ManualClock, queue: WorkQueue, holdsMs: readonly number[]) {
  const runs: Run[] = [];
  const signal = new AbortController();
  const take = async (holdMs: number) => {
    for (;;) {
      const next = await queue.take(signal.signal).catch(() => undefined);
      if (!next) return;
      const run: Run = { key: next.key, startMs: clock.nowMs() };
      runs.push(run);
      await clock.sleep(holdMs);
      run.endMs = clock.nowMs();
      queue.done(next.key);
    }
  };
  const done = Promise.all(holdsMs.map(take));
  const stop = async () => {
    signal.abort();
    await pass(clock, 1000);
    await done;
  };
  return { runs, stop };
}

/** What is ready runs first, then time passes. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(ms);
}

const key = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), key }),
  fc.record({ kind: fc.constant("addAfter" as const), key, ms: fc.integer({ min: 0, max: 500 }) }),
  fc.record({ kind: fc.constant("retry" as const), key }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 200 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const steps = fc.array(step, { maxLength: 40 });
const holds = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 3 });

interface Wish {
  readonly key: string;
  readonly atMs: number;
}

async function play(list: readonly Step[], holdsMs: readonly number[]) {
  const clock = createManualClock(1000);
  using queue = createQueue({ clock, random: () => 0.5 }, { rate, backoff });
  const takers = startTakers(clock, queue, holdsMs);
  const wishes: Wish[] = [];
  for (const one of list) {
    if (one.kind === "pass") await pass(clock, one.ms);
    else {
      wishes.push({ key: one.key, atMs: clock.nowMs() });
      if (one.kind === "add") queue.add(one.key);
      else if (one.kind === "addAfter") queue.addAfter(one.key, one.ms);
      else queue.retry(one.key);
    }
  }
  await pass(clock, 20_000);
  const { depth } = queue;
  await takers.stop();
  return { runs: takers.runs, wishes, depth };
}

describe("the work queue", () => {
  it("never hands a key out twice at a time", async () => {
    await fc.assert(
      fc.asyncProperty(steps, holds, async (list, holdsMs) => {
        const { runs } = await play(list, holdsMs);
        for (const [index, run] of runs.entries()) {
          const overlapping = runs.slice(index + 1).filter((other) => other.key === run.key && other.startMs < (run.endMs ?? Infinity));
          expect(overlapping).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("runs every key once more after each wish, and ends with nothing left", async () => {
    await fc.assert(
      fc.asyncProperty(steps, holds, async (list, holdsMs) => {
        const { runs, wishes, depth } = await play(list, holdsMs);
        for (const wish of wishes) {
          expect(runs.some((run) => run.key === wish.key && run.startMs >= wish.atMs)).toBe(true);
        }
        expect(runs.length).toBeLessThanOrEqual(wishes.length);
        expect(depth).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it("hands out no more than the rate allows in any window", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ max: 999 }).map(String), { minLength: 20, maxLength: 60, size: "max" }),
        async (keys) => {
          const clock = createManualClock();
          using queue = createQueue({ clock }, { rate });
          const takers = startTakers(clock, queue, [0, 0, 0]);
          for (const each of keys) queue.add(each);
          await pass(clock, 5000);
          await takers.stop();
          const times = takers.runs.map((run) => run.startMs);
          expect(times).toHaveLength(keys.length);
          for (const [index, fromMs] of times.entries()) {
            const within = times.slice(index).filter((atMs) => atMs - fromMs < 100).length;
            expect(within).toBeLessThanOrEqual(rate.burst + 10 + 1);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("hands out each key in the order in which it came, so that a busy key starves nobody", async () => {
    const clock = createManualClock();
    using queue = createQueue({ clock }, { rate: { perSecond: 10, burst: 1 } });
    const takers = startTakers(clock, queue, [0]);
    for (const each of ["a", "b", "a", "c"]) queue.add(each);
    await pass(clock, 150);
    queue.add("a");
    await pass(clock, 1000);
    await takers.stop();
    expect(takers.runs.map((run) => run.key)).toEqual(["a", "b", "c", "a"]);
  });

  it("takes the shorter of two delays, and none after an add", async () => {
    const clock = createManualClock();
    using queue = createQueue({ clock });
    const takers = startTakers(clock, queue, [0, 0]);
    queue.addAfter("a", 500);
    queue.addAfter("a", 200);
    queue.addAfter("a", 900);
    queue.addAfter("b", 300);
    queue.add("b");
    await pass(clock, 2000);
    await takers.stop();
    expect(takers.runs.map(({ key: taken, startMs }) => [taken, startMs])).toEqual([
      ["b", 0],
      ["a", 200],
    ]);
  });

  it("doubles the back-off up to its maximum, keeps to what the server asked for, and begins anew once a key went well", () => {
    using queue = createQueue({ clock: createManualClock(), random: () => 1 }, { backoff });
    expect(Array.from({ length: 6 }, () => queue.retry("a"))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(queue.retriesOf("a")).toBe(6);
    queue.forget("a");
    expect(queue.retry("a", 5000)).toBe(5000);
    expect(queue.retry("b")).toBe(100);
  });

  it("spreads back-offs over the upper half of the delay", () => {
    using queue = createQueue({ clock: createManualClock() }, { backoff });
    fc.assert(
      fc.property(fc.string(), (each) => {
        const delayMs = queue.retry(each);
        queue.forget(each);
        expect(delayMs).toBeGreaterThanOrEqual(50);
        expect(delayMs).toBeLessThanOrEqual(100);
      }),
    );
  });

  it("gives up waiting when told to, and loses no key by it", async () => {
    using queue = createQueue({ clock: createManualClock() });
    const abort = new AbortController();
    const waiting = queue.take(abort.signal);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    queue.add("a");
    expect(await queue.take(new AbortController().signal)).toEqual({ key: "a", waitedMs: 0 });
  });
});
