type Cell = string | number;

/** A table on standard output: text to the left, numbers to the right. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  for (const line of formatTable(head, rows)) console.log(line);
}

export function formatTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const right = head.map((_, column) => rows.length > 0 && rows.every((row) => /^[-+]?[\d.]*( %)?$/.test(String(row[column] ?? ""))));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join("  ");
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...all.slice(1).map(line)];
}
