/** Turns text into the tokens that a model was trained on. */
export type Encode = (text: string) => readonly number[];

/**
 * Byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): the pair that was merged first in training is merged first,
 * until none is left. For single words, with the space before them: text is not split.
 * @param vocabulary tokens by their spelling in the stand-ins for bytes
 * @param merges pairs in order of rank
 * @param standIns by byte
 */
export function createEncoder(
  vocabulary: Readonly<Record<string, number>>,
  merges: readonly (readonly [string, string])[],
  standIns: readonly string[],
): Encode {
  const ranks = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
  return (text) => {
    const parts = [...Buffer.from(text, "utf8")].map((byte) => standIns[byte] as string);
    for (;;) {
      const at = lowestRank(parts, ranks);
      if (at === undefined) break;
      parts.splice(at, 2, `${parts[at]}${parts[at + 1]}`);
    }
    return parts.flatMap((part) => vocabulary[part] ?? []);
  };
}

function lowestRank(parts: readonly string[], ranks: ReadonlyMap<string, number>): number | undefined {
  let best: number | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (let index = 0; index + 1 < parts.length; index++) {
    const rank = ranks.get(`${parts[index]} ${parts[index + 1]}`);
    if (rank === undefined || rank >= bestRank) continue;
    best = index;
    bestRank = rank;
  }
  return best;
}
