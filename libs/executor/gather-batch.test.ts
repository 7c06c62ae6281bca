import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatherBatch } from "./gather-batch.ts";
import { type Job, JobQueue, type RunOptions } from "./job-queue.ts";
import { createRunTimes } from "./run-times.ts";

const job = (options: Partial<RunOptions> = {}, method = "recognise"): Job => ({
  method,
  argument: undefined,
  options: { deadlineMs: Number.POSITIVE_INFINITY, ...options },
  resolve: () => undefined,
  reject: () => undefined,
  settled: false,
});

function queueOf(jobs: readonly Job[]): JobQueue {
  const queue = new JobQueue();
  for (const each of jobs) queue.add(each);
  return queue;
}

/** A batch of n took 100 ms and 50 for each more than one. */
function knownTimes() {
  const times = createRunTimes();
  for (let size = 1; size <= 8; size++) times.record("recognise", size, 50 + 50 * size);
  return times;
}

describe("gathering a batch", () => {
  it("takes those of the same method in the order in which they are due, as many as fit", () => {
    const [late, early, middle] = [job({ deadlineMs: 9000 }), job({ deadlineMs: 5000 }), job({ deadlineMs: 7000 })];
    const queue = queueOf([late, job({}, "other"), early, middle]);
    const head = job({ deadlineMs: 4000 });
    expect(gatherBatch(queue, head, 3, knownTimes(), 0)).toEqual([head, early, middle]);
    expect(queue.inOrder.map((each) => each.method)).toEqual(["recognise", "other"]);
  });

  it("lets nobody join who would make another late, or would be late in company", () => {
    const urgent = job({ deadlineMs: 150 });
    expect(gatherBatch(queueOf([job(), job()]), urgent, 8, knownTimes(), 0)).toHaveLength(2);
    expect(gatherBatch(queueOf([job(), job()]), urgent, 8, knownTimes(), 10)).toEqual([urgent]);
    const hurried = job({ deadlineMs: 140 });
    const patient = job();
    expect(gatherBatch(queueOf([hurried, patient]), job(), 2, knownTimes(), 0)[1]).toBe(patient);
  });

  it("runs a job alone while nobody knows what one takes", () => {
    expect(gatherBatch(queueOf([job()]), job(), 8, createRunTimes(), 0)).toHaveLength(1);
  });

  it("keeps those that yield apart and leaves out those that nobody waits for", () => {
    const cancelled = { ...job(), settled: true };
    expect(gatherBatch(queueOf([job({ yields: true }), cancelled]), job(), 8, knownTimes(), 0)).toHaveLength(1);
    expect(gatherBatch(queueOf([job({ yields: true }), job()]), job({ yields: true }), 8, knownTimes(), 0)).toHaveLength(2);
  });

  it("never makes anybody late, whatever waits", () => {
    const deadlines = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 600 }), deadlines, (headDeadlineMs, others) => {
        const queue = queueOf(others.map((deadlineMs) => job({ deadlineMs })));
        const batch = gatherBatch(queue, job({ deadlineMs: headDeadlineMs }), 8, knownTimes(), 0);
        const doneMs = 50 + 50 * batch.length;
        for (const member of batch) expect(doneMs).toBeLessThanOrEqual(member.options.deadlineMs);
        expect(batch.length + queue.length).toBe(others.length + 1);
      }),
    );
  });
});

describe("run times", () => {
  it("follow what was measured, and guess sizes that never ran from those that did", () => {
    const times = createRunTimes();
    expect(times.expectedMs("recognise", 1)).toBeUndefined();
    times.record("recognise", 2, 100);
    expect(times.expectedMs("recognise", 2)).toBe(100);
    expect(times.expectedMs("recognise", 4)).toBe(200);
    expect(times.expectedMs("recognise", 1)).toBe(100);
    for (let run = 0; run < 50; run++) times.record("recognise", 2, 50);
    expect(times.expectedMs("recognise", 2)).toBeCloseTo(50, 1);
  });
});
