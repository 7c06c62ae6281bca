import type { ResolvedModel } from "@troupe/model-store";

/** The files of the model "hibari-en" that speaking needs. */
export const hibariFiles = [
  "hibari-durations.onnx",
  "lexicon_us_gold.json.gz",
  "lexicon_us_silver.json.gz",
  "normalize.json",
  "oov.json",
  "oov.onnx",
  "tagger.json.gz",
  "tokenizer_exceptions.json",
  "vocab.json",
] as const;

/** Absolute path of each file. */
export type HibariFiles = Readonly<Record<(typeof hibariFiles)[number], string>>;

/** @throws ServiceError MODEL_MISSING, MODEL_CORRUPT */
export function findHibariFiles(model: ResolvedModel): HibariFiles {
  return Object.fromEntries(hibariFiles.map((name) => [name, model.file(name)])) as HibariFiles;
}
