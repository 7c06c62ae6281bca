import { readdirSync, readFileSync } from "node:fs";

/** Linux counts process time in hundredths of a second (USER_HZ), whatever the kernel's own tick is. */
const tickMs = 10;
const pageBytes = 4096;

/** User and system time of a process so far, in milliseconds; 0 where there is none (proc(5), /proc/<pid>/stat fields 14 and 15). */
export function cpuMsOf(pid: number): number {
  const fields = statOf(pid);
  return fields ? (Number(fields[11]) + Number(fields[12])) * tickMs : 0;
}

/** Resident set, in MiB (field 24). */
export function residentMibOf(pid: number): number {
  const fields = statOf(pid);
  return fields ? (Number(fields[21]) * pageBytes) / 2 ** 20 : 0;
}

/** The fields after the program's name, which may hold blanks. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** Slope of a line through points by least squares. @returns change of y per unit of x; 0 for fewer than two points */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (of: (point: { readonly x: number; readonly y: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return spread > 0 ? points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread : 0;
}

/** Chromium's processes that descend from this one. */
export function chromiumPids(): readonly number[] {
  const parents = new Map<number, { readonly parent: number; readonly name: string }>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    const fields = Number.isInteger(pid) ? statOf(pid) : undefined;
    if (fields) parents.set(pid, { parent: Number(fields[1]), name: nameOf(pid) });
  }
  const descends = (pid: number): boolean => {
    const parent = parents.get(pid)?.parent ?? 0;
    return parent === process.pid || (parent > 1 && descends(parent));
  };
  return [...parents].filter(([pid, { name }]) => name.includes("chrom") && descends(pid)).map(([pid]) => pid);
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
