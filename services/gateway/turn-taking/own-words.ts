import { wordList } from "./back-channels/back-channels.ts";

/** Fewer words are too common to tell. */
const fewest = 3;
/** Share of the words heard that must be the avatar's own, in its order: recognition mishears some of an echo. */
const ownShare = 0.7;

/**
 * Whether what was heard while the avatar spoke is what it said itself, come back through the microphone.
 * @param spoken what it has said of late
 */
export function saysOwnWords(heard: string, spoken: string): boolean {
  const words = wordList(heard);
  if (words.length < fewest) return false;
  return longestCommon(words, wordList(spoken)) / words.length >= ownShare;
}

/** Length of the longest stretch of `spoken` of about the length of `words` that they share in order (LCS within a sliding window). */
function longestCommon(words: readonly string[], spoken: readonly string[]): number {
  const window = Math.ceil(words.length * 1.5);
  let best = 0;
  for (let from = 0; from === 0 || from + words.length <= spoken.length; from++)
    best = Math.max(best, commonInOrder(words, spoken.slice(from, from + window)));
  return best;
}

/** Longest common subsequence (Wagner and Fischer, 1974); both are short. */
function commonInOrder(a: readonly string[], b: readonly string[]): number {
  let above = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const row = [0];
    for (const [at, other] of b.entries())
      row.push(word === other ? (above[at] as number) + 1 : Math.max(above[at + 1] as number, row[at] as number));
    above = row;
  }
  return above.at(-1) ?? 0;
}
