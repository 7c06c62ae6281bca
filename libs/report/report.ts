import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeHardware } from "./hardware.ts";
import { formatTable } from "./table.ts";

export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What was hoped for and what was measured. */
export interface Aim {
  readonly what: string;
  readonly aim: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Report {
  /** One sentence: what the measurement tells. */
  readonly title: string;
  /** How it was measured, against what; paragraphs. */
  readonly method: readonly string[];
  readonly tables: readonly ReportTable[];
  readonly aims: readonly Aim[];
  /** Every single figure, for the JSON file. */
  readonly raw: unknown;
}

const tablesOf = ({ tables, aims }: Report): readonly ReportTable[] =>
  aims.length === 0
    ? tables
    : [
        ...tables,
        {
          title: "Aims",
          head: ["aim", "wanted", "measured", "met"],
          rows: aims.map(({ what, aim, measured, met }) => [what, aim, measured, met ? "yes" : "no"]),
        },
      ];

export function printReport(report: Report): void {
  console.log(`${report.title}\n${describeHardware()}`);
  for (const { title, head, rows } of tablesOf(report)) {
    console.log(`\n${title}`);
    for (const line of formatTable(head, rows)) console.log(line);
  }
}

/** Writes <folder>/<name>.json; returns its path. */
export async function saveReport(name: string, report: Report, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  const { title, method, tables, aims, raw } = report;
  const facts = { name, title, hardware: describeHardware(), measured: new Date().toISOString(), method, tables, aims, raw };
  await writeFile(path, `${JSON.stringify(facts, null, 2)}\n`);
  return path;
}

/** Writes docs/results/<name>.md from the same report; returns its path. @param command what repeats the measurement */
export async function documentReport(name: string, report: Report, folder: string, command: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.md`);
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  const tables = tablesOf(report).map(({ title, head, rows }) =>
    [`## ${title}`, "", row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n"),
  );
  const date = new Date().toISOString().slice(0, 10);
  const parts = [
    `# ${report.title}`,
    `Measured ${date} with \`${command}\`, which wrote this page.`,
    `On: ${describeHardware()}.`,
    "## Method",
    ...report.method,
    ...tables,
  ];
  await writeFile(path, `${parts.join("\n\n")}\n`);
  return path;
}
