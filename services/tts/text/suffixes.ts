import { isReadable, type Lexicon, look, type WordQuery } from "./lexicon.ts";
import { tapContexts } from "./phone-classes.ts";

/** Reads an inflected form out of its stem; undefined when no listed stem fits. */
type Inflection = (lexicon: Lexicon, word: string, query: WordQuery) => string | undefined;

export const readPluralForm: Inflection = (lexicon, word, query) => {
  if (word.length < 3 || !word.endsWith("s")) return undefined;
  const long = word.length > 4;
  const stem = firstStem(lexicon, [
    !word.endsWith("ss") && word.slice(0, -1),
    (word.endsWith("'s") || (long && word.endsWith("es") && !word.endsWith("ies"))) && word.slice(0, -2),
    long && word.endsWith("ies") && `${word.slice(0, -3)}y`,
  ]);
  return stem === undefined ? undefined : withPluralEnding(look(lexicon, stem, query));
};

export const readPastForm: Inflection = (lexicon, word, query) => {
  if (word.length < 4 || !word.endsWith("d")) return undefined;
  const stem = firstStem(lexicon, [
    !word.endsWith("dd") && word.slice(0, -1),
    word.length > 4 && word.endsWith("ed") && !word.endsWith("eed") && word.slice(0, -2),
  ]);
  return stem === undefined ? undefined : withPastEnding(look(lexicon, stem, query));
};

export const readProgressiveForm: Inflection = (lexicon, word, query) => {
  if (word.length < 5 || !word.endsWith("ing")) return undefined;
  const stem = firstStem(lexicon, [
    word.length > 5 && word.slice(0, -3),
    `${word.slice(0, -3)}e`,
    word.length > 5 && /([bcdgklmnprstvxz])\1ing$|cking$/.test(word) && word.slice(0, -4),
  ]);
  return stem === undefined ? undefined : withProgressiveEnding(look(lexicon, stem, query));
};

/** s, z or ᵻz by the stem's last phone. */
export function withPluralEnding(stem: string | undefined): string | undefined {
  if (!stem) return undefined;
  const last = stem.at(-1) as string;
  if ("ptkfθ".includes(last)) return `${stem}s`;
  return "szʃʒʧʤ".includes(last) ? `${stem}ᵻz` : `${stem}z`;
}

/** t, d or ᵻd by the stem's last phone; an American t between vowels becomes a tap. */
export function withPastEnding(stem: string | undefined): string | undefined {
  if (!stem) return undefined;
  const last = stem.at(-1) as string;
  if ("pkfθʃsʧ".includes(last)) return `${stem}t`;
  if (last === "d") return `${stem}ᵻd`;
  if (last !== "t") return `${stem}d`;
  if (stem.length < 2) return `${stem}ɪd`;
  return endsInTap(stem) ? `${stem.slice(0, -1)}ɾᵻd` : `${stem}ᵻd`;
}

export function withProgressiveEnding(stem: string | undefined): string | undefined {
  if (!stem) return undefined;
  return endsInTap(stem) ? `${stem.slice(0, -1)}ɾɪŋ` : `${stem}ɪŋ`;
}

function endsInTap(stem: string): boolean {
  return stem.endsWith("t") && tapContexts.has(stem.at(-2) ?? "");
}

function firstStem(lexicon: Lexicon, candidates: readonly (string | false)[]): string | undefined {
  return candidates.find((candidate): candidate is string => candidate !== false && isReadable(lexicon, candidate));
}
