export { type ClauseSplitter, type ClauseSplitterOptions, createClauseSplitter, splitClauses, splitSentences } from "./clause-splitter.ts";
export { createSpeakableFilter, type SpeakableFilter, speakableText } from "./speakable-filter.ts";
