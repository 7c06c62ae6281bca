import { describe, expect, it, onTestFinished } from "vitest";
import { createExecutor, type ExecutorOptions } from "./index.ts";

interface SampleApi {
  double(value: number): number;
  hang(argument: null): null;
  crash(argument: null): null;
  hold(gate: Int32Array): string;
  sizes(value: number): number;
  together(value: number): number;
}

const batches = { sizes: 4, together: 4 };

/** An executor whose only worker is busy until `release`. */
async function held(options: Omit<ExecutorOptions, "module"> = {}) {
  const executor = await sample({ batches, ...options });
  // Batches are gathered once it is known what a run takes.
  await Promise.all([executor.run("sizes", 0, never), executor.run("together", 0, never)]);
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const holding = executor.run("hold", gate, never);
  const release = async () => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    await holding;
  };
  return { executor, release };
}

const never = { deadlineMs: Number.POSITIVE_INFINITY };

async function sample(options: Omit<ExecutorOptions, "module"> = {}) {
  const executor = createExecutor<SampleApi>({ module: new URL("./testing/sample.worker.ts", import.meta.url), ...options });
  onTestFinished(() => executor[Symbol.asyncDispose]());
  await executor.ready();
  return executor;
}

describe("an executor", () => {
  it("runs what it is given in its workers", async () => {
    const executor = await sample({ threads: 2 });
    expect(await Promise.all([1, 2, 3].map((value) => executor.run("double", value, never)))).toEqual([2, 4, 6]);
    expect(executor.stats()).toMatchObject({ completed: 3, running: 0, waiting: 0 });
  });

  it("rejects the job that runs and those that wait when it is closed", async () => {
    const executor = await sample({ drainMs: 0 });
    const jobs = [executor.run("hang", null, never), executor.run("double", 1, never)];
    const settled = Promise.allSettled(jobs);
    expect(executor.stats()).toMatchObject({ running: 1, waiting: 1 });
    await executor[Symbol.asyncDispose]();
    const cancelled = { status: "rejected", reason: { reason: "CANCELLED" } };
    expect(await settled).toMatchObject([cancelled, cancelled]);
  });

  it("cancels the caller of a run at once when it is closed, and waits for the run's end before it ends the worker", async () => {
    const executor = await sample();
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const cancelled = expect(executor.run("hold", gate, never)).rejects.toMatchObject({ reason: "CANCELLED" });
    let closed = false;
    const closing = executor[Symbol.asyncDispose]().then(() => {
      closed = true;
    });
    await cancelled;
    await expect(executor.run("double", 1, never)).rejects.toMatchObject({ reason: "CANCELLED" });
    expect(closed).toBe(false);
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    await closing;
    expect(executor.stats()).toMatchObject({ completed: 1, discarded: 1, running: 0 });
  });

  it("loses only the job that ran when a worker crashes, and goes on with the next", async () => {
    const executor = await sample();
    const crash = executor.run("crash", null, never);
    const waiting = executor.run("double", 21, never);
    await expect(crash).rejects.toMatchObject({ reason: "BACKEND_FAILED" });
    expect(await waiting).toBe(42);
    expect(executor.stats()).toMatchObject({ restarts: 1 });
  });

  it("gives up on a worker that crashes again and again: tells once, refuses what waits and what comes after", async () => {
    const failures: string[] = [];
    const executor = await sample({ onFailure: ({ reason }) => failures.push(reason) });
    const failed = { status: "rejected", reason: { reason: "BACKEND_FAILED" } };
    const crashes = Array.from({ length: 4 }, () => executor.run("crash", null, never));
    const waiting = executor.run("double", 1, never);
    expect(await Promise.allSettled([...crashes, waiting])).toMatchObject([failed, failed, failed, failed, failed]);
    await expect(executor.run("double", 1, never)).rejects.toMatchObject({ reason: "BACKEND_FAILED" });
    expect(failures).toEqual(["BACKEND_FAILED"]);
  });

  it("tells nothing of workers that end because it is closed", async () => {
    const failures: string[] = [];
    const executor = await sample({ onFailure: ({ reason }) => failures.push(reason) });
    await executor[Symbol.asyncDispose]();
    expect(failures).toEqual([]);
  });

  it("puts jobs that wait together, and gives each its own result", async () => {
    const { executor, release } = await held();
    const jobs = [1, 2, 3, 4, 5].map((value) => executor.run("together", value, never));
    const sizes = [1, 2, 3].map((value) => executor.run("sizes", value, never));
    await release();
    expect(await Promise.all(jobs)).toEqual([2, 4, 6, 8, 10]);
    expect(await Promise.all(sizes)).toEqual([3, 3, 3]);
    expect(executor.stats().batches).toBe(2);
  });

  it("leaves out of a batch who has cancelled", async () => {
    const { executor, release } = await held();
    const caller = new AbortController();
    const cancelled = executor.run("sizes", 1, { ...never, signal: caller.signal });
    const dropped = expect(cancelled).rejects.toMatchObject({ reason: "CANCELLED" });
    const others = [2, 3].map((value) => executor.run("sizes", value, never));
    caller.abort();
    await dropped;
    await release();
    expect(await Promise.all(others)).toEqual([2, 2]);
  });

  it("rejects a whole batch that fails, and goes on", async () => {
    const { executor, release } = await held();
    const jobs = [12, 13].map((value) => executor.run("together", value, never));
    const settled = Promise.allSettled(jobs);
    await release();
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await executor.run("together", 14, never)).toBe(28);
  });

  it("runs what yields last, and lets it go first when the queue is full", async () => {
    const { executor, release } = await held({ queueLimit: 2 });
    const order: string[] = [];
    const soon = { deadlineMs: performance.now() + 60_000, yields: true };
    const first = executor.run("double", 1, soon).then(() => order.push("yielding"));
    const second = executor.run("double", 2, soon);
    const shed = expect(second).rejects.toMatchObject({ reason: "QUEUE_FULL" });
    const plain = executor.run("double", 3, never).then(() => order.push("plain"));
    await shed;
    await expect(executor.run("double", 4, soon)).rejects.toMatchObject({ reason: "QUEUE_FULL" });
    await release();
    await Promise.all([first, plain]);
    expect(order).toEqual(["plain", "yielding"]);
    expect(executor.stats().shed).toBe(1);
  });
});
