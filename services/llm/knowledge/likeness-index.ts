import type { Embedder, EmbedOptions } from "./embedder.ts";
import { foldText } from "./folding.ts";
import type { RetrievalUnit } from "./retrieval-unit.ts";
import { dot } from "./token-likeness.ts";

/** How near a question is in meaning to a unit. Likenesses are stretched: 0 is a cosine of 0.7, 1 one of 1. */
export interface Likeness {
  /** To the unit under its title. */
  readonly semantic: number;
  /** In standard deviations above the mean of all units, by four. */
  readonly standing: number;
  /** To the nearest of its sentences, each after the one before it. */
  readonly sentence: number;
  readonly sentenceStanding: number;
  /** To the nearest of its questions, or to its title. */
  readonly asked: number;
  readonly askedStanding: number;
  /** Index of that question; 0 for a paragraph. */
  readonly nearestQuestion: number;
  /** Of each sentence. */
  readonly sentences: readonly number[];
}

/** Sentence embeddings of unrelated texts have cosines of about 0.7 to 0.8 (model card of multilingual-e5). */
const stretch = { from: 0.7, to: 1 } as const;
const deviations = 4;

/** Embeds units, their sentences and their questions. @returns for a question's vector, one likeness a unit, in order */
export async function createLikenessIndex(
  units: readonly RetrievalUnit[],
  embedder: Embedder,
  options: EmbedOptions,
): Promise<(question: Float32Array) => Likeness[]> {
  const wholes = await embedder.embedKept(units.map(wholeText), "passage", options);
  const sentences = await embedGroups(units.map(sentenceTexts), "passage");
  const asked = await embedGroups(
    units.map(({ questions, source }) => (questions.length > 0 ? questions : [foldText(source.title)])),
    "question",
  );

  async function embedGroups(groups: readonly (readonly string[])[], role: "question" | "passage"): Promise<readonly Float32Array[][]> {
    const vectors = await embedder.embedKept(groups.flat(), role, options);
    const left = vectors.values();
    return groups.map(({ length }) => left.take(length).toArray());
  }

  return (question) => {
    const likenesses = (vectors: readonly Float32Array[]) => vectors.map((vector) => stretched(dot(question, vector)));
    const semantic = likenesses(wholes);
    const bySentence = sentences.map(likenesses);
    const byQuestion = asked.map(likenesses);
    const standing = standingOf(semantic);
    const sentenceStanding = standingOf(bySentence.map((own) => Math.max(...own)));
    const askedStanding = standingOf(byQuestion.map((own) => Math.max(...own)));
    return units.map((_, at) => {
      const whole = semantic[at] as number;
      const own = bySentence[at] as number[];
      const questions = byQuestion[at] as number[];
      const [sentence, nearest] = [Math.max(...own), Math.max(...questions)];
      return {
        semantic: whole,
        standing: standing(whole),
        sentence,
        sentenceStanding: sentenceStanding(sentence),
        asked: nearest,
        askedStanding: askedStanding(nearest),
        nearestQuestion: questions.indexOf(nearest),
        sentences: own,
      };
    });
  };
}

function wholeText({ source, passages }: RetrievalUnit): string {
  return foldText(`${source.title}: ${passages.map(({ text }) => text).join(" ")}`);
}

function sentenceTexts({ source, passages }: RetrievalUnit): string[] {
  return passages.map(({ text }, index) => foldText([`${source.title}:`, passages[index - 1]?.text ?? "", text].join(" ")));
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
