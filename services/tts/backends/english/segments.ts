import { kindOf } from "./alphabet.ts";
import type { SpeechRun } from "./speech-plan.ts";

/** A phone or a possible pause (symbol "") of a run, in samples from the run's start. Contiguous. */
export interface Segment {
  readonly symbol: string;
  /** -1 for pauses. */
  readonly word: number;
  start: number;
  end: number;
}

/**
 * Spans in samples (one per symbol and one for the padding at each end) to segments. A stress mark's time belongs to the vowel after it, a
 * length mark's to the phone before it, a gap's between words to the next phone; punctuation may be a pause.
 * @param leadSamples how far the sound is ahead of the spans
 */
export function layOutSegments(run: SpeechRun, spans: ArrayLike<number>, leadSamples: number, totalSamples: number): Segment[] {
  const segments: Segment[] = [{ symbol: "", word: -1, start: 0, end: 0 }];
  let position = spans[0] ?? 0;
  let start = position;
  for (const [index, symbol] of run.symbols.entries()) {
    const kind = kindOf(symbol);
    const last = segments.at(-1) as Segment;
    position += spans[index + 1] ?? 0;
    if (kind === "stress") continue;
    if (kind === "phone") segments.push({ symbol, word: run.wordOf[index] as number, start, end: position });
    else if (kind === "length" || last.symbol === "") last.end = position;
    else if (kind === "gap") continue;
    else segments.push({ symbol: "", word: -1, start, end: position });
    start = position;
  }
  if ((segments.at(-1) as Segment).symbol !== "") segments.push({ symbol: "", word: -1, start, end: position });
  return connect(segments, leadSamples, totalSamples);
}

/** Moves the bounds by the lead and makes them meet. */
function connect(segments: readonly Segment[], lead: number, totalSamples: number): Segment[] {
  return segments.map((segment, index) => ({
    ...segment,
    start: index === 0 ? 0 : Math.max(0, Math.round(segment.start) - lead),
    end: index === segments.length - 1 ? totalSamples : Math.max(0, Math.round((segments[index + 1] as Segment).start) - lead),
  }));
}
