import type { Embedder, EmbedOptions } from "./embedder.ts";
import { foldText } from "./folding.ts";
import type { Passage } from "./passage.ts";
import { dot } from "./token-likeness.ts";

/** How near a question is in meaning to a passage. */
export interface Likeness {
  /** To the passage under its title, stretched: 0 is a cosine of 0.7, 1 one of 1. */
  readonly semantic: number;
  /** In standard deviations above the mean of all passages, by four. */
  readonly standing: number;
  /** To the nearest of its questions, or to its title; stretched alike. */
  readonly asked: number;
  readonly askedStanding: number;
  /** Index of that question; 0 for a sentence. */
  readonly nearestQuestion: number;
}

/** Sentence embeddings of unrelated texts have cosines of about 0.7 to 0.8 (model card of multilingual-e5). */
const stretch = { from: 0.7, to: 1 } as const;
const deviations = 4;

/** Embeds passages and their questions. @returns for a question's vector, one likeness a passage, in order */
export async function createLikenessIndex(
  passages: readonly Passage[],
  embedder: Embedder,
  options: EmbedOptions,
): Promise<(question: Float32Array) => Likeness[]> {
  const told = await embedder.embedKept(passages.map(({ source, text }) => foldText(`${source.title}: ${text}`)), "passage", options);
  const questions = passages.map((passage) => (passage.questions.length > 0 ? passage.questions : [passage.source.title]));
  const asked = await embedder.embedKept(questions.flat().map(foldText), "question", options);
  const firstAsked: number[] = [];
  questions.reduce((at, own) => {
    firstAsked.push(at);
    return at + own.length;
  }, 0);

  return (question) => {
    const semantic = told.map((vector) => dot(question, vector));
    const nearest = questions.map((own, at) => {
      const cosines = own.map((_, index) => dot(question, asked[(firstAsked[at] as number) + index] as Float32Array));
      const best = Math.max(...cosines);
      return { best, index: cosines.indexOf(best) };
    });
    const standing = standingOf(semantic);
    const askedStanding = standingOf(nearest.map(({ best }) => best));
    return passages.map((_, at) => {
      const { best, index } = nearest[at] as { best: number; index: number };
      return {
        semantic: stretched(semantic[at] as number),
        standing: standing(semantic[at] as number),
        asked: stretched(best),
        askedStanding: askedStanding(best),
        nearestQuestion: index,
      };
    });
  };
}

function stretched(cosine: number): number {
  return (cosine - stretch.from) / (stretch.to - stretch.from);
}

function standingOf(values: readonly number[]): (value: number) => number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.max(Math.sqrt(variance), 1e-3);
  return (value) => (value - mean) / deviation / deviations;
}
