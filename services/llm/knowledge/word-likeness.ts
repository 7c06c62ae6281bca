import type { Embedder, EmbedOptions } from "./embedder.ts";
import type { Passage } from "./passage.ts";
import { contentWordsOf } from "./terms.ts";

/** How near the words of a question are in meaning to the words of the passages. */
export interface WordLikeness {
  /** For each word, its likeness (-1..1) to the nearest word of a passage and its title. */
  nearest(words: readonly string[], options: EmbedOptions): Promise<(word: string, passage: Passage) => number>;
}

/** Embeds the vocabulary of the passages word by word, so that "kids" finds "children" and "zoo" finds nothing. */
export async function createWordLikeness(passages: readonly Passage[], embedder: Embedder, options: EmbedOptions): Promise<WordLikeness> {
  const vocabulary = new Map<string, number>();
  const wordsOfPassage = passages.map((passage) =>
    [...new Set(contentWordsOf(`${passage.document.title} ${passage.text}`))].map((word) => {
      const known = vocabulary.get(word) ?? vocabulary.size;
      vocabulary.set(word, known);
      return known;
    }),
  );
  const vectors = await embedder.embedKept([...vocabulary.keys()], options);

  return {
    async nearest(words, wordOptions) {
      const strange = words.filter((word) => !vocabulary.has(word));
      const embedded = await embedder.embed(strange, wordOptions);
      const likeness = new Map<string, Float32Array>();
      for (const word of words) {
        const vector = vectors[vocabulary.get(word) ?? -1] ?? embedded[strange.indexOf(word)];
        if (vector)
          likeness.set(
            word,
            Float32Array.from(vectors, (other) => dot(vector, other)),
          );
      }
      return (word, passage) => {
        const row = likeness.get(word);
        if (!row) return 0;
        return (wordsOfPassage[passage.index] as number[]).reduce((best, other) => Math.max(best, row[other] as number), 0);
      };
    },
  };
}

/** Dot product of two vectors of one length. */
export function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number);
  return sum;
}
