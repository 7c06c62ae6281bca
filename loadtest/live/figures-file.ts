import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describeHardware, quantile } from "@troupe/report";
import type { Figures } from "./part.ts";

/** A figure as out/live.json keeps it. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly n: number;
}

/** Of the values that are numbers, rounded to tenths; null where there is none. */
export function quantilesOf(values: readonly (number | undefined)[]): Quantiles | null {
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  if (known.length === 0) return null;
  const at = (share: number) => Math.round(quantile(known, share) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), n: known.length };
}

/** Puts figures into the file beside what other parts, or earlier runs, put there. A part that ran anew replaces its own. */
export async function mergeFigures(path: string, part: string, figures: Figures): Promise<void> {
  const before = await readFile(path, "utf8").then(
    (text) => JSON.parse(text) as { parts?: Record<string, unknown> },
    () => ({}) as { parts?: Record<string, unknown> },
  );
  const parts = { ...before.parts, [part]: { measured: new Date().toISOString(), hardware: describeHardware() } };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify({ ...before, ...figures, parts }, null, 2)}\n`);
}
