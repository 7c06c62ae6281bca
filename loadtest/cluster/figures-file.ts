import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { quantile } from "@troupe/report";
import type { Figures } from "./part.ts";

/** Puts figures into the file beside those of other parts. What was not measured is not there. */
export async function mergeFigures(path: string, figures: Figures): Promise<void> {
  const before = await readFile(path, "utf8").then(
    (text) => JSON.parse(text) as Figures,
    () => ({}),
  );
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify({ ...before, ...figures }, null, 2)}\n`);
}

/** Milliseconds, to tenths. */
export const quantilesMs = (values: readonly number[]): { readonly p50: number; readonly p99: number } => ({
  p50: tenths(quantile(values, 0.5)),
  p99: tenths(quantile(values, 0.99)),
});

export const tenths = (value: number): number => Math.round(value * 10) / 10;

/** "a 3, b 1", for a table. */
export const listOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ") || "0";
