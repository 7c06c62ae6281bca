import { ServiceError } from "@troupe/errors";
import { DeadlinesKept, type Lateness } from "./deadlines-kept.ts";
import { openReferenceSession, type ReferenceSessionDeps } from "./reference-session.ts";
import type { ReferenceWork } from "./reference-work.ts";

export interface ProbeResult extends Lateness {
  /** Why the first session that failed did. */
  readonly failure: ServiceError | undefined;
}

/** What is this much over its time will not come in time. */
const graceMs = 1_000;

/**
 * Part of the spread after which a session starts: multiples of the golden ratio, so that any number of sessions is spread evenly, and
 * one more moves none of the others (a low-discrepancy sequence of Weyl).
 */
const startOf = (index: number) => (index * 0.618_033_988_749_895) % 1;

/**
 * Runs the work of so many sessions beside each other, up to its end or until too much is late.
 * @throws the signal's reason
 */
export async function probe(deps: ReferenceSessionDeps, work: ReferenceWork, sessions: number, signal: AbortSignal): Promise<ProbeResult> {
  signal.throwIfAborted();
  const { clock } = deps;
  const kept = new DeadlinesKept(work.deadlines, sessions);
  const over = new AbortController();
  const isOver = new ServiceError("CANCELLED", "the calibration knows what it wanted to know");
  const cancelTimer = clock.setTimer(work.spreadMs + work.durationMs + graceMs, () => over.abort(isOver));
  const either = AbortSignal.any([signal, over.signal]);
  const report = (name: string, lateMs: number) => {
    kept.report(name, lateMs);
    if (kept.broken) over.abort(isOver);
  };
  const runOne = async (index: number) => {
    await clock.sleep(startOf(index) * work.spreadMs, either);
    await using session = await openReferenceSession(deps, work, { index, signal: either, report });
    await work.run(session);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: sessions }, (_, index) => runOne(index)));
  cancelTimer();
  signal.throwIfAborted();
  // What was broken off has not failed.
  const failure = outcomes
    .flatMap((outcome) => (outcome.status === "rejected" ? [ServiceError.from(outcome.reason)] : []))
    .find(({ reason }) => reason !== "CANCELLED");
  return { ...kept.result(), failure };
}
