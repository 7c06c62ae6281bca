import { describe, expect, it, onTestFinished } from "vitest";
import { createExecutor, type ExecutorOptions } from "./index.ts";

interface SampleApi {
  double(value: number): number;
  hang(argument: null): null;
  crash(argument: null): null;
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
    const executor = await sample();
    const jobs = [executor.run("hang", null, never), executor.run("double", 1, never)];
    const settled = Promise.allSettled(jobs);
    expect(executor.stats()).toMatchObject({ running: 1, waiting: 1 });
    await executor[Symbol.asyncDispose]();
    const cancelled = { status: "rejected", reason: { reason: "CANCELLED" } };
    expect(await settled).toMatchObject([cancelled, cancelled]);
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
});
