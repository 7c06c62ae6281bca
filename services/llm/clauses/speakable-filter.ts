import { atLineStart, inLine, type Match } from "./markdown.ts";

/** Turns streamed text into text that can be spoken. Stateful: one per response. */
export interface SpeakableFilter {
  /** What can be decided so far; "\n" stands where a paragraph, heading or list item ends. */
  push(delta: string): string;
  /** The rest; the filter is empty afterwards. */
  flush(): string;
}

/** Longest markdown construct that is recognised, in UTF-16 units; it bounds what the filter holds back. */
const lookaheadLimit = 512;

/**
 * Strips Markdown, HTML tags, fenced code, reasoning blocks, emoji, citation marks and control characters.
 * Its decisions depend on the text only, never on how it was cut into deltas.
 */
export function createSpeakableFilter(): SpeakableFilter {
  let pending = "";
  let lineStart = true;
  let itemLine = false;
  /** Set inside a construct whose content is not spoken: the text that closes it. */
  let skipUntil: string | undefined;

  function drain(final: boolean): string {
    let out = "";
    while (pending !== "") {
      if (skipUntil !== undefined) {
        if (!skip(skipUntil)) break;
        continue;
      }
      const match = next(final);
      if (match === "more") break;
      pending = pending.slice(match.length);
      skipUntil = match.skipUntil;
      out += match.emit;
    }
    return out;
  }

  /** Drops up to and including `end`; false when it is not there yet. */
  function skip(end: string): boolean {
    const at = pending.indexOf(end);
    if (at < 0) {
      pending = pending.slice(-(end.length - 1));
      return false;
    }
    pending = pending.slice(at + end.length);
    skipUntil = undefined;
    return true;
  }

  function next(final: boolean): Match | "more" {
    const view = pending.slice(0, lookaheadLimit);
    const open = !final && pending.length < lookaheadLimit;
    if (lineStart) {
      const marker = atLineStart(view, open);
      if (marker === "more") return "more";
      if (marker) {
        itemLine ||= marker.emit === "\n";
        return marker;
      }
    }
    const match = inLine(view, open);
    if (match === "more") return "more";
    if (match.newline) {
      const ends = itemLine || match.emit === "\n";
      lineStart = true;
      itemLine = false;
      return { ...match, emit: ends ? "\n" : " " };
    }
    if (match.emit.trim() !== "") lineStart = false;
    return match;
  }

  return {
    push(delta) {
      pending += delta;
      return drain(false);
    },
    flush() {
      const rest = drain(true);
      pending = "";
      lineStart = true;
      itemLine = false;
      skipUntil = undefined;
      return rest;
    },
  };
}

/** The whole of a text as it is spoken: one line, single spaces. */
export function speakableText(text: string): string {
  const filter = createSpeakableFilter();
  return (filter.push(text) + filter.flush())
    .replace(/\s+/gu, " ")
    .replace(/ ([.,;:!?…]+)(?= |$)/gu, "$1")
    .trim();
}
