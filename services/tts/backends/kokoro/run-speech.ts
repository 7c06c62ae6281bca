import type { SynthesizedSlice, TimedText } from "../backend.ts";
import { settlePauses } from "../english/pauses.ts";
import type { Segment } from "../english/segments.ts";
import { cutWindow, type DecoderWindow } from "./decoder-window.ts";
import { layOutSegments } from "./segments.ts";
import { frameSamples, type RunPlan, toSamples, toUs } from "./signal-format.ts";
import { crossFade, crossFadeSamples, endWithPause, leadInSamples } from "./slice-join.ts";
import { planSlices, type SliceLimits } from "./slice-plan.ts";
import type { SpeechRun } from "./speech-run.ts";

export interface RunSpeech {
  readonly run: SpeechRun;
  readonly plan: RunPlan;
  /** Of the clause, as written. */
  readonly words: readonly string[];
  readonly rate: number;
  /** Samples of the clause before this run. */
  readonly offset: number;
}

/** What is sounded before the first phone; its onset is looked for there. */
const leadSamples = toSamples(120);

/** Sounds a planned run slice by slice; `sound` gives the samples of a window. */
export async function* speakRun(
  speech: RunSpeech,
  limits: SliceLimits,
  sound: (window: DecoderWindow) => Promise<Float32Array>,
): AsyncIterable<SynthesizedSlice> {
  const { run, plan, rate } = speech;
  const segments = layOutSegments(run, plan.durations, rate);
  const words = wordTimer(speech, segments);
  let tail: Float32Array = new Float32Array(0);
  let shift = 0;
  for (const { from, to } of planSlices(segments, plan.energy, limits)) {
    const [isFirst, isLast] = [from === 0, to === segments.length];
    const start = isFirst ? Math.max(0, (segments[0] as Segment).end - leadSamples) : (segments[from] as Segment).start;
    const end = (segments[to - 1] as Segment).end;
    const window = cutWindow(plan, start, end + crossFadeSamples);
    const heard = (await sound(window)).subarray(start - window.firstFrame * frameSamples);
    crossFade(heard, tail);
    tail = heard.slice(end - start, end - start + crossFadeSamples);
    const own = segments
      .slice(from, to)
      .map((segment) => ({ ...segment, start: Math.max(0, segment.start - start), end: segment.end - start }));
    const settled = settlePauses(own, heard.subarray(0, end - start));
    const body = trim(heard.subarray(0, end - start), settled, { isFirst, isLast, speech });
    if (isFirst) shift = speech.offset - start - body.cut;
    yield {
      samples: body.samples,
      phones: timePhones(body.segments, shift + start + body.cut),
      words: words(body.segments, shift + start + body.cut, shift, to),
    };
  }
}

/** Cuts the silence at the run's start to the lead-in and at its end to the pause; segments follow. */
function trim(
  samples: Float32Array,
  segments: readonly Segment[],
  { isFirst, isLast, speech }: { readonly isFirst: boolean; readonly isLast: boolean; readonly speech: RunSpeech },
) {
  const cut = isFirst ? Math.max(0, (segments[0] as Segment).end - leadInSamples) : 0;
  const soundEnd = (segments.at(-1) as Segment).start;
  const ended = isLast ? endWithPause(samples, soundEnd, speech.run.ending, speech.rate) : samples;
  const moved = segments.map((segment, index) => ({
    ...segment,
    start: index === 0 ? 0 : segment.start - cut,
    end: (index === segments.length - 1 ? ended.length : segment.end) - cut,
  }));
  return { samples: ended.slice(cut), segments: moved, cut };
}

function timePhones(segments: readonly Segment[], shift: number): TimedText[] {
  return segments
    .filter(({ start, end }) => end > start)
    .map(({ symbol, start, end }) => ({ text: symbol, startUs: toUs(start + shift), endUs: toUs(end + shift) }));
}

/**
 * Gives each word with the slice that it starts in. A word that goes on in a later slice ends where the plan says.
 * @returns from the slice's segments, what to add to their samples, what to add to those of the plan, and the index of the plan's
 * segment after the slice
 */
function wordTimer({ words }: RunSpeech, planned: readonly Segment[]) {
  const lastOf = new Map(planned.map(({ word }, index) => [word, index]));
  const given = new Set<number>([-1]);
  let lastEnd = 0;
  return (segments: readonly Segment[], shift: number, plannedShift: number, to: number): TimedText[] => {
    const timed: TimedText[] = [];
    for (const { word, start } of segments) {
      if (given.has(word)) continue;
      given.add(word);
      const index = lastOf.get(word) as number;
      const end =
        index < to
          ? (segments.findLast((segment) => segment.word === word) as Segment).end + shift
          : plannedEnd(planned, index) + plannedShift;
      const startAt = Math.max(start + shift, lastEnd);
      lastEnd = Math.max(startAt + 1, end);
      timed.push({ text: words[word] as string, startUs: toUs(startAt), endUs: toUs(lastEnd) });
    }
    return timed;
  };
}

/** Where the sound of a run's last phone ends is known only when it is heard; so much of it there is at least. */
const leastPhoneSamples = toSamples(20);

function plannedEnd(planned: readonly Segment[], index: number): number {
  const { start, end } = planned[index] as Segment;
  return index >= planned.length - 2 ? start + leastPhoneSamples : end;
}
