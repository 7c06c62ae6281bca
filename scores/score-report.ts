import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describeHardware, documentReport, printReport, type Report } from "@troupe/report";
import { meetsAim, type Score, type ScoreArea } from "./score.ts";

const figure = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 2 : 1));

function reportOf(area: ScoreArea, scores: readonly Score[]): Report {
  const beside = (comparison: Score["baseline"]) => (comparison ? `${figure(comparison.value)} (${comparison.name})` : "");
  const verdict = (score: Score) => {
    const met = meetsAim(score);
    return met === undefined ? "" : `${score.better === "higher" ? "at least" : "at most"} ${score.aim}: ${met ? "yes" : "no"}`;
  };
  const noted = scores.filter(({ note }) => note !== undefined);
  return {
    title: `Scores: ${area.description}`,
    method: [...area.method, ...noted.map(({ what, note }) => `*${what}:* ${note}`)],
    tables: [
      {
        title: "Figures",
        head: ["what", "set", "figure", "spread", "baseline", "control", "aim met"],
        rows: scores.map((score) => [
          score.what,
          `${score.set.name}: ${score.set.size} (${score.set.kind})`,
          `${figure(score.value)} ${score.unit}`,
          score.spread ? `${figure(score.spread.low)} to ${figure(score.spread.high)} (${score.spread.of})` : "",
          beside(score.baseline),
          beside(score.control),
          verdict(score),
        ]),
      },
    ],
    aims: [],
    raw: scores,
  };
}

export function printScores(area: ScoreArea, scores: readonly Score[]): void {
  printReport(reportOf(area, scores));
}

/** Replaces the area's part of the file; the other areas stay. Returns the path. */
export async function saveScores(area: string, scores: readonly Score[], path: string, limit: number | undefined): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const before = await readFile(path, "utf8").then(JSON.parse, () => ({}));
  const facts = { measured: new Date().toISOString(), hardware: describeHardware(), ...(limit && { limit }), scores };
  await writeFile(path, `${JSON.stringify({ ...before, [area]: facts }, null, 2)}\n`);
  return path;
}

/** Writes <folder>/score-<area>.md; returns its path. */
export async function documentScores(area: ScoreArea, scores: readonly Score[], folder: string): Promise<string> {
  return await documentReport(`score-${area.name}`, reportOf(area, scores), folder, `node scores/main.ts ${area.name} --document`);
}
