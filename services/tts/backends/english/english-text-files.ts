/** The data files of the English text front end. */
export const englishTextFiles = [
  "lexicon_us_gold.json.gz",
  "lexicon_us_silver.json.gz",
  "normalize.json",
  "oov.json",
  "oov.onnx",
  "tagger.json.gz",
  "tokenizer_exceptions.json",
] as const;
