/** Edits that turn one sequence into another (Levenshtein 1966). */
export interface Edits {
  readonly substituted: number;
  readonly deleted: number;
  readonly inserted: number;
  /** Length of the reference. */
  readonly length: number;
}

/** The fewest edits from reference to hypothesis, by dynamic programming. */
export function countEdits(reference: readonly string[], hypothesis: readonly string[]): Edits {
  let row: Edits[] = hypothesis.map((_, index) => ({ substituted: 0, deleted: 0, inserted: index + 1, length: 0 }));
  row.unshift({ substituted: 0, deleted: 0, inserted: 0, length: 0 });
  for (const [index, wanted] of reference.entries()) {
    const next: Edits[] = [{ substituted: 0, deleted: index + 1, inserted: 0, length: 0 }];
    for (const [column, got] of hypothesis.entries()) {
      const diagonal = row[column] as Edits;
      if (wanted === got) next.push(diagonal);
      else {
        const above = row[column + 1] as Edits;
        const left = next[column] as Edits;
        next.push(
          cheapest([
            { ...diagonal, substituted: diagonal.substituted + 1 },
            { ...above, deleted: above.deleted + 1 },
            { ...left, inserted: left.inserted + 1 },
          ]),
        );
      }
    }
    row = next;
  }
  return { ...(row.at(-1) as Edits), length: reference.length };
}

const total = ({ substituted, deleted, inserted }: Edits) => substituted + deleted + inserted;
const cheapest = (choices: readonly Edits[]) => choices.reduce((best, choice) => (total(choice) < total(best) ? choice : best));

/** Word or character error rate of a whole set in per cent: all edits over all reference tokens. May exceed 100. */
export function errorRate(edits: readonly Edits[]): number {
  const length = edits.reduce((sum, edit) => sum + edit.length, 0);
  return length === 0 ? Number.NaN : (100 * edits.reduce((sum, edit) => sum + total(edit), 0)) / length;
}
