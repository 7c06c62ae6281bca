import * as ort from "onnxruntime-node";
import { createGraphemeToPhoneme, type SpokenWord } from "../../text/grapheme-to-phoneme.ts";
import { readLanguageData } from "../../text/language-data.ts";
import { readMandarin } from "../../text/mandarin/mandarin.ts";
import { createSegmenter } from "../../text/mandarin/segmenter.ts";
import { createNormalizer } from "../../text/normalize.ts";
import { createWordGuesser } from "../../text/oov-network.ts";
import { type PronouncedText, pronounce } from "../../text/pronunciations.ts";
import { checkSpokenLength } from "../../text/spoken-length.ts";
import { primarySubtag } from "../voice-choice.ts";
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
  // The language of the first voice is loaded at once; the others cost the first clause that needs them about a second.
  await (primarySubtag(voices[0]?.languages[0] ?? "") === "zh" ? segmenter() : american());

  return async ({ text, languages, pronunciations }) => {
    if (languages.some((language) => primarySubtag(language) === "zh")) {
      const parts = readMandarin(text, await segmenter(), pronunciations);
      let length = 0;
      return layOutMandarin(text, parts, async (latin) => {
        const pronounced = pronounce(latin, pronunciations);
        length += pronounced.length;
        checkSpokenLength(length);
        return (await american())(pronounced);
      });
    }
    const read = await (languages.includes("en-GB") ? british() : american());
    return layOutEnglish(text, await read(pronounce(text, pronunciations)));
  };
}

type EnglishReader = (pronounced: PronouncedText) => Promise<readonly SpokenWord[]>;

async function createEnglish(file: (name: string) => string): Promise<EnglishReader> {
  const data = readLanguageData(file);
  const normalize = createNormalizer(data.normalization);
  const guesser = await ort.InferenceSession.create(file("oov.onnx"), { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const tensor = (ids: readonly number[]) => new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]);
  const read = createGraphemeToPhoneme(data, createWordGuesser(guesser, data.oov, tensor));
  return ({ text, readings }) => read(normalize(text), readings);
}

function lazy<T>(create: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= create());
}
