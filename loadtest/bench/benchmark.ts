import type { Report } from "@troupe/report";

export interface BenchmarkContext {
  /** Progress for people. */
  readonly step: (text: string) => void;
  /** Aborted when the time limit is over or someone interrupts. */
  readonly signal: AbortSignal;
  /** Repetitions of what the benchmark counts (runs, turns, messages); undefined: its default. */
  readonly count: number | undefined;
}

/** One benchmark. It stops everything that it started, also when it fails. */
export interface Benchmark {
  readonly name: string;
  readonly description: string;
  /** What `count` counts, and its default. */
  readonly counts: string;
  readonly limitS: number;
  run(context: BenchmarkContext): Promise<Report>;
}
