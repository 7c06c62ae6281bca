import { readFileSync } from "node:fs";
import type { ClauseRequest, TimedText, TtsBackend } from "@troupe/tts/backends";

/** A sentence as a backend said it. */
export interface Spoken {
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
  readonly phones: readonly TimedText[];
  /** To the first slice. */
  readonly firstMs: number;
  readonly totalMs: number;
  /** Processor time of the whole process for the whole clause: what it takes on a machine that does nothing else. */
  readonly cpuMs: number;
  readonly audioMs: number;
}

const enoughMs = 120_000;

export type Wanted = Pick<ClauseRequest, "text" | "language"> & Partial<ClauseRequest>;

/** Speaks one clause to its end. */
export async function speak(tts: TtsBackend, wanted: Wanted, signal: AbortSignal): Promise<Spoken> {
  const startCpu = process.cpuUsage();
  const startMs = performance.now();
  let firstMs = Number.NaN;
  const parts: Float32Array[] = [];
  const phones: TimedText[] = [];
  for await (const slice of tts.synthesize({ voice: "", rate: 1, ...wanted }, { deadlineMs: startMs + enoughMs, signal })) {
    if (parts.length === 0) firstMs = performance.now() - startMs;
    parts.push(slice.samples);
    phones.push(...slice.phones);
  }
  const totalMs = performance.now() - startMs;
  const cpu = process.cpuUsage(startCpu);
  const samples = joined(parts);
  return {
    samples,
    sampleRateHz: tts.sampleRateHz,
    phones,
    firstMs,
    totalMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
    audioMs: (samples.length / tts.sampleRateHz) * 1000,
  };
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The value below which a share of the values lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** Processes that ran or waited for a core, over the last minute; Linux. */
export function loadAverage(): string {
  return readFileSync("/proc/loadavg", "utf8").split(" ", 1)[0] ?? "";
}
