export { type ClauseSplitter, type ClauseSplitterOptions, createClauseSplitter, splitSentences } from "./clause-splitter.ts";
export { createSpeakableFilter, type SpeakableFilter, speakableText } from "./speakable-filter.ts";
