import * as ort from "onnxruntime-node";
import { createGraphemeToPhoneme, type GraphemeToPhoneme } from "../../text/grapheme-to-phoneme.ts";
import { readLanguageData } from "../../text/language-data.ts";
import { readMandarin } from "../../text/mandarin/mandarin.ts";
import { createSegmenter } from "../../text/mandarin/segmenter.ts";
import { createNormalizer } from "../../text/normalize.ts";
import { createWordGuesser } from "../../text/oov-network.ts";
import { primarySubtag } from "../clause-check.ts";
import type { ReadRequest } from "./kokoro.worker.ts";
import type { KokoroFiles } from "./model-files.ts";
import { layOutEnglish, layOutMandarin, type SpokenText } from "./spoken-text.ts";

/** Text to symbols, by the language of the voice. */
export type ClauseReader = (request: ReadRequest) => Promise<SpokenText>;

const britishLexicon: Readonly<Record<string, string>> = {
  "lexicon_us_gold.json.gz": "lexicon_gb_gold.json",
  "lexicon_us_silver.json.gz": "lexicon_gb_silver.json",
};

/** Loads a language's data when a clause first needs it. */
export async function createClauseReader({ paths, voices }: KokoroFiles): Promise<ClauseReader> {
  const file = (name: string) => paths[`english/${name}`] as string;
  const american = lazy(() => createEnglish(file));
  const british = lazy(() => createEnglish((name) => file(britishLexicon[name] ?? name)));
  const segmenter = lazy(async () => createSegmenter());
  const spoken = new Set(voices.flatMap(({ languages }) => languages));
  // What the voices speak is loaded at once, British English apart: it is rarely the first that is asked for.
  if ([...spoken].some((language) => primarySubtag(language) === "zh")) await segmenter();
  await american();

  return async ({ text, languages }) => {
    if (languages.some((language) => primarySubtag(language) === "zh")) {
      const parts = readMandarin(text, await segmenter());
      return layOutMandarin(text, parts, await american());
    }
    const read = await (languages.includes("en-GB") ? british() : american());
    return layOutEnglish(text, await read(text));
  };
}

async function createEnglish(file: (name: string) => string): Promise<GraphemeToPhoneme> {
  const data = readLanguageData(file);
  const normalize = createNormalizer(data.normalization);
  const guesser = await ort.InferenceSession.create(file("oov.onnx"), { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const tensor = (ids: readonly number[]) => new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]);
  const read = createGraphemeToPhoneme(data, createWordGuesser(guesser, data.oov, tensor));
  return (text) => read(normalize(text));
}

function lazy<T>(create: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= create());
}
