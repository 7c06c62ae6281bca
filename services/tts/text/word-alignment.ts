/** A written word and the spoken words it became; several written words that were read together ("10:30 am") share one entry. */
export interface AlignedWord {
  readonly text: string;
  /** Indices of the spoken words, [from, to). */
  readonly from: number;
  readonly to: number;
}

/** Aligns the words as written with the words as normalised, by their longest common subsequence; what nothing was said for is left out. */
export function alignWords(written: readonly string[], spoken: readonly string[]): AlignedWord[] {
  const aligned: AlignedWord[] = [];
  const close = (writtenTo: number, spokenTo: number) => {
    if (spokenFrom < spokenTo) aligned.push({ text: written.slice(writtenFrom, writtenTo).join(" "), from: spokenFrom, to: spokenTo });
  };
  let writtenFrom = 0;
  let spokenFrom = 0;
  for (const [writtenAt, spokenAt] of anchors(written.map(plain), spoken.map(plain))) {
    close(writtenAt, spokenAt);
    aligned.push({ text: written[writtenAt] as string, from: spokenAt, to: spokenAt + 1 });
    writtenFrom = writtenAt + 1;
    spokenFrom = spokenAt + 1;
  }
  close(written.length, spoken.length);
  return aligned;
}

/** Index pairs of a longest common subsequence, in order. */
function anchors(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

function plain(word: string): string {
  const bare = word.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
  return bare === "" ? word : bare;
}
