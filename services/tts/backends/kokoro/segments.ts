import type { Segment } from "../english/segments.ts";
import { ipaOf, kindOf } from "./alphabet.ts";
import { frameSamples, toSamples } from "./signal-format.ts";
import type { SpeechRun } from "./speech-run.ts";

/**
 * How far the acoustics are ahead of the durations: 65 ms / sqrt(rate). Measured on sibilants (12 of two Mandarin voices each, 9 of an
 * English one): their noise begins 90 to 100 ms and ends 35 to 50 ms before the bounds of their symbols at rate 1, and the space before
 * a word, which is counted to its first phone, takes 25 ms and more.
 */
const leadSamples = toSamples(65);
/** The end of a longer pause is a segment of its own: where a run is cut, the next slice begins with so much of the silence. */
const pauseEndSamples = toSamples(40);

interface OpenSegment {
  symbol: string;
  readonly word: number;
  start: number;
  end: number;
}

/**
 * Durations (in frames, one per symbol and one for the padding at each end) to phones in IPA and possible pauses (symbol ""), in
 * samples from the run's start, contiguous. A stress mark's and a gap's time belongs to the phone after it, that of a tone, a length
 * mark or an aspiration to the phone before it; a mark is a pause.
 */
export function layOutSegments(run: SpeechRun, durations: ArrayLike<number>, rate: number): Segment[] {
  const segments: OpenSegment[] = [];
  let start = 0;
  let position = spanOf(durations[0]);
  const close = (segment: OpenSegment) => {
    segments.push(segment);
    start = segment.end;
  };
  close({ symbol: "", word: -1, start, end: position });
  for (const [index, symbol] of run.symbols.entries()) {
    const kind = kindOf(symbol);
    const last = segments.at(-1) as OpenSegment;
    position += spanOf(durations[index + 1]);
    if (kind === "stress" || kind === "gap") continue;
    if (kind === "phone") {
      close({ symbol: ipaOf(symbol), word: run.wordOf[index] as number, start, end: position });
    } else if (kind === "pause" && last.symbol !== "") {
      close({ symbol: "", word: -1, start, end: position });
    } else {
      if (kind === "aspiration" && last.symbol !== "") last.symbol += symbol;
      last.end = position;
      start = position;
    }
  }
  position += spanOf(durations[run.symbols.length + 1]);
  const last = segments.at(-1) as OpenSegment;
  if (last.symbol === "") last.end = position;
  else close({ symbol: "", word: -1, start, end: position });
  return splitPauses(connect(segments, Math.round(leadSamples / Math.sqrt(rate)), position));
}

/** Moves the bounds by the lead and makes them meet. */
function connect(segments: readonly Segment[], lead: number, totalSamples: number): Segment[] {
  const startOf = (index: number) => Math.max(0, (segments[index] as Segment).start - lead);
  return segments.map((segment, index) => ({
    ...segment,
    start: index === 0 ? 0 : startOf(index),
    end: index === segments.length - 1 ? totalSamples : startOf(index + 1),
  }));
}

function splitPauses(segments: readonly Segment[]): Segment[] {
  return segments.flatMap((segment, index) => {
    const isInner = segment.symbol === "" && index > 0 && index < segments.length - 1;
    if (!isInner || segment.end - segment.start < 2 * pauseEndSamples) return [segment];
    const middle = segment.end - pauseEndSamples;
    return [
      { ...segment, end: middle },
      { ...segment, start: middle },
    ];
  });
}

function spanOf(frames: number | undefined): number {
  return Math.max(1, frames ?? 1) * frameSamples;
}
