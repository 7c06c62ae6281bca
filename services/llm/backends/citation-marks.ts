import type { Citation } from "./backend.ts";
import type { SourcePassage } from "./source-prompt.ts";

/** Collects the marks of a streamed text. */
export interface CitationTracker {
  push(delta: string): void;
  /** The sources marked since the last call, each once. */
  take(): readonly Citation[];
}

const mark = /\[(\d+(?:\s*,\s*\d+)*)\]/gu;
/** A mark that may still be growing. */
const openMark = /\[[\d,\s]{0,40}$/u;

/** Marks count from 1, in the order of the passages; marks of no passage are ignored. */
export function citationTracker(passages: readonly SourcePassage[]): CitationTracker {
  let rest = "";
  let found = new Set<number>();
  return {
    push(delta) {
      const text = rest + delta;
      for (const match of text.matchAll(mark)) {
        for (const number of (match[1] as string).split(",")) found.add(Number(number));
      }
      rest = openMark.exec(text)?.[0] ?? "";
    },
    take() {
      const citations = [...found].flatMap((number) => {
        const passage = passages[number - 1];
        return passage ? [{ document: passage.document, title: passage.title, quote: passage.text }] : [];
      });
      found = new Set();
      return citations;
    },
  };
}
