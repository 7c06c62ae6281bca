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

  it("tells once that its workers crashed, and refuses what comes after", async () => {
    const failures: string[] = [];
    const executor = await sample({ threads: 2, onFailure: ({ reason }) => failures.push(reason) });
    const crashed = { status: "rejected", reason: { reason: "BACKEND_FAILED" } };
    expect(await Promise.allSettled([executor.run("crash", null, never), executor.run("crash", null, never)])).toMatchObject([
      crashed,
      crashed,
    ]);
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
