import type { Job, JobQueue } from "./job-queue.ts";
import type { RunTimes } from "./run-times.ts";

/**
 * Takes jobs that wait for the same method into the run of one that is due, in the order in which they are due themselves.
 * None joins that would keep any of them from being done by its deadline, and none that yields joins one that does not.
 * @returns the head and those that join it
 */
export function gatherBatch(queue: JobQueue, head: Job, maxBatch: number, times: RunTimes, nowMs: number): readonly Job[] {
  const batch = [head];
  for (const job of [...queue.inOrder]) {
    if (batch.length >= maxBatch) break;
    if (job.settled || job.method !== head.method || (job.options.yields ?? false) !== (head.options.yields ?? false)) continue;
    const expectedMs = times.expectedMs(head.method, batch.length + 1);
    if (expectedMs === undefined) break;
    const doneMs = nowMs + expectedMs;
    if ([...batch, job].some((member) => doneMs > member.options.deadlineMs)) continue;
    queue.remove(job);
    batch.push(job);
  }
  return batch;
}
