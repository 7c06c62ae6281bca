import { endsSentence, endsWide } from "./sentence-end.ts";
import { createSpeakableFilter } from "./speakable-filter.ts";

/** Cuts streamed text into clauses that can be spoken. Stateful: one per response. */
export interface ClauseSplitter {
  /** The clauses that this delta completes. */
  push(delta: string): string[];
  /** The rest; the splitter starts anew afterwards. */
  flush(): string[];
}

export interface ClauseSplitterOptions {
  /** Longest clause, UTF-16 units. Default 300. */
  readonly maxChars?: number;
  /** The first clause may end at a comma from this length on, so that speech starts early. Default 28. */
  readonly firstCommaChars?: number;
  /** Later clauses may end at a comma from this length on. Default 120. Infinity: at sentence ends only. */
  readonly laterCommaChars?: number;
}

const conjunction = /^(?:and|but|because|so|which|where|while|although|unless|und|aber|weil|oder)$/iu;
/** A comma after a phrase of some length: not between the items of a list. */
const comma = /(?:^|[,;:])[^,;:]{16,}[,;:–—]["”’)]?$|[^，、；：]{6,}[，、；：]$/u;
const wideMark = /[，、；：。！？]/u;
/** How much longer a clause must be to end before a conjunction than to end at a comma. */
const conjunctionExtraChars = 32;

/**
 * Splits at sentence ends, and long clauses at commas and before conjunctions; never inside a word, number or address.
 * The same text gives the same clauses however it is cut into deltas; joined by blanks they are the spoken text.
 */
export function createClauseSplitter(options: ClauseSplitterOptions = {}): ClauseSplitter {
  const maxChars = options.maxChars ?? 300;
  const firstCommaChars = options.firstCommaChars ?? 28;
  const laterCommaChars = options.laterCommaChars ?? 120;
  const filter = createSpeakableFilter();
  /** The clause so far, what joins it to the next word, and the word that is still growing. */
  let clause = "";
  let gap = "";
  let word = "";
  let first = true;
  let clauses: string[] = [];

  function end(): void {
    if (!/[\p{L}\p{N}]/u.test(clause)) return;
    clauses.push(clause);
    clause = "";
    first = false;
  }

  /** Adds the word that is complete. */
  function closeWord(): void {
    if (word === "") return;
    const joint = /^[.,;:!?…]+$/u.test(word) ? "" : gap;
    if (clause.length + joint.length + word.length > maxChars) end();
    else if (clause.length >= commaChars() + conjunctionExtraChars && conjunction.test(word)) end();
    if (clause.length + word.length >= maxChars) clause = "";
    clause += clause === "" ? word : joint + word;
    word = "";
    gap = "";
    if (endsWide(clause) || (clause.length >= commaChars() && comma.test(clause))) end();
  }

  function commaChars(): number {
    return first ? firstCommaChars : laterCommaChars;
  }

  function take(character: string): void {
    if (character === "\n" || character === " ") {
      closeWord();
      gap = " ";
      if (character === "\n") end();
      return;
    }
    if (word === "" && gap !== "" && endsSentence(clause, character)) end();
    word += character;
    if (wideMark.test(character) || word.length >= maxChars - 1) closeWord();
  }

  function emitted(): string[] {
    const ready = clauses;
    clauses = [];
    return ready;
  }

  return {
    push(delta) {
      for (const character of filter.push(delta)) take(character);
      return emitted();
    },
    flush() {
      for (const character of filter.flush()) take(character);
      closeWord();
      end();
      clause = "";
      gap = "";
      first = true;
      return emitted();
    },
  };
}

/** The clauses of a whole text. */
export function splitClauses(text: string, options?: ClauseSplitterOptions): string[] {
  const splitter = createClauseSplitter(options);
  return [...splitter.push(text), ...splitter.flush()];
}

/** The sentences of a text, as they are spoken. */
export function splitSentences(text: string, maxChars = 300): string[] {
  return splitClauses(text, { maxChars, firstCommaChars: Number.POSITIVE_INFINITY, laterCommaChars: Number.POSITIVE_INFINITY });
}
