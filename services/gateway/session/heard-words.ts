import type { PresentedWord } from "@troupe/contracts";
import { joinWords } from "@troupe/timeline";

/** What a person heard of a response. */
export interface HeardWords {
  /** Words that were heard whole. */
  readonly text: string;
  /** Where the last of them ended, on the response scale. */
  readonly heardUs: number;
}

/** Where the person stopped hearing, on one of the two scales. */
export type HeardUntil = { readonly scale: "session" | "response"; readonly us: number };

/**
 * Words that ended by then. A word that is said again after a hold counts where it was said last.
 * @param words as the presenter reports them
 */
export function heardWords(words: readonly PresentedWord[], until: HeardUntil): HeardWords {
  const endOf = (word: PresentedWord) => Number(until.scale === "session" ? word.sessionEndUs : word.responseEndUs);
  const heard = words.filter((word) => endOf(word) <= until.us);
  return { text: joinWords(heard.map((word) => word.text)), heardUs: Number(heard.at(-1)?.responseEndUs ?? 0n) };
}
