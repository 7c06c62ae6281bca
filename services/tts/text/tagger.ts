import type { TaggerTables } from "./language-data.ts";

/** Penn Treebank tags of a token sequence. */
export type Tagger = (words: readonly string[]) => string[];

/**
 * A greedy averaged-perceptron tagger (Collins, "Discriminative Training Methods for Hidden Markov Models", 2002). Words with one
 * dominant tag are looked up, the others scored from their form, their neighbours and the two tags before.
 */
export function createTagger(tables: TaggerTables): Tagger {
  const known = new Map(Object.entries(tables.tagdict));
  const weights = new Map(Object.entries(tables.weights));
  const vocabulary = tables.vocab && new Set(tables.vocab);

  const windowForm = (word: string) => {
    const form = normalForm(word);
    return vocabulary && !vocabulary.has(form) ? `<${shapeOf(word)}>` : form;
  };

  const best = (features: readonly string[]): string => {
    const scores = new Map<string, number>();
    for (const feature of features) {
      for (const [tag, weight] of Object.entries(weights.get(feature) ?? {})) scores.set(tag, (scores.get(tag) ?? 0) + weight);
    }
    if (scores.size === 0) return "NN";
    return tables.tags.reduce((winner, tag) => {
      const [lead, score] = [scores.get(winner) ?? 0, scores.get(tag) ?? 0];
      return score > lead || (score === lead && tag > winner) ? tag : winner;
    });
  };

  return (words) => {
    const forms = ["-START2-", "-START-", ...words.map(windowForm), "-END-", "-END2-"];
    const tags: string[] = [];
    for (const [index, word] of words.entries()) {
      const previous = tags.at(-1) ?? "-START-";
      const beforePrevious = tags.at(-2) ?? (index === 0 ? "-START2-" : "-START-");
      tags.push(known.get(word) ?? best(featuresOf(word, index, forms, previous, beforePrevious)));
    }
    return tags;
  };
}

function featuresOf(word: string, index: number, forms: readonly string[], previous: string, beforePrevious: string): string[] {
  const form = (offset: number) => forms[index + 2 + offset] as string;
  return [
    "b",
    `s3=${tail(word)}`,
    `p1=${[...word][0]}`,
    `w=${form(0)}`,
    `sh=${shapeOf(word)}`,
    index === 0 ? "i0" : "i+",
    `t-1=${previous}`,
    `t-2=${beforePrevious}`,
    `t-12=${previous},${beforePrevious}`,
    `w-1=${form(-1)}`,
    `s3-1=${tail(form(-1))}`,
    `w-2=${form(-2)}`,
    `w+1=${form(1)}`,
    `s3+1=${tail(form(1))}`,
    `w+2=${form(2)}`,
  ];
}

function tail(word: string): string {
  return [...word].slice(-3).join("");
}

function normalForm(word: string): string {
  if (word.includes("-") && !word.startsWith("-")) return "!HYPHEN";
  if (/^\p{Nd}{4}$/u.test(word)) return "!YEAR";
  if (/^\p{Nd}/u.test(word)) return "!DIGITS";
  return word.toLowerCase();
}

function shapeOf(word: string): string {
  if (/^\p{L}+$/u.test(word)) {
    if (word === word.toLowerCase()) return "x";
    if (word === word.toUpperCase()) return word.length > 1 ? "XX" : "X1";
    return /^\p{Lu}[^\p{Lu}]+$/u.test(word) ? "Xx" : "xX";
  }
  if (/^\p{Nd}+$/u.test(word)) return "d";
  return [...word]
    .slice(0, 4)
    .map((character) => (/\p{Nd}/u.test(character) ? "d" : /\p{L}/u.test(character) ? "x" : character))
    .join("");
}
