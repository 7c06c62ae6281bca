/** The words of a text as they are compared: lower case, no marks; each Han character is one. */
export function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .replaceAll(/['’]/g, "")
      .match(/\p{Script=Han}|[[\p{L}\p{N}]--\p{Script=Han}]+/gv) ?? []
  );
}

/**
 * How many words of what was to be said were heard: the length of the beginning of `said` that is nearest to `recognised`, by the fewest
 * edits; of several as near, the one whose length is nearest to what was recognised.
 */
export function heardPrefix(said: readonly string[], recognised: readonly string[]): number {
  // Levenshtein's table over all beginnings of `said`: row[n] is the distance of all of `recognised` from its first n words.
  let row = said.map((_, n) => n + 1);
  row.unshift(0);
  for (const [index, word] of recognised.entries()) {
    const next = [index + 1];
    for (const [n, wanted] of said.entries())
      next.push(Math.min((row[n] as number) + (wanted === word ? 0 : 1), (row[n + 1] as number) + 1, (next[n] as number) + 1));
    row = next;
  }
  const least = Math.min(...row);
  const near = row.flatMap((distance, n) => (distance === least ? [n] : []));
  return near.reduce((best, n) => (Math.abs(n - recognised.length) < Math.abs(best - recognised.length) ? n : best), near[0] ?? 0);
}
