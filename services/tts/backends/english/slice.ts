import type { PitchTrack } from "../../prosody/pitch-track.ts";
import type { Prosody } from "../../prosody/prosody.ts";
import { shapeWave } from "../../prosody/shape-wave.ts";
import type { SynthesizedSlice, TimedText } from "../backend.ts";
import { voiceSampleRateHz as sampleRateHz } from "../voice-format.ts";
import { ipaOf } from "./alphabet.ts";
import { settlePauses } from "./pauses.ts";
import { layOutSegments, type Segment } from "./segments.ts";
import type { SpeechRun } from "./speech-plan.ts";

/** Silence before the first and after the last sound of a run at rate 1; clauses follow one another directly. */
const leadInMs = 20;
const pauseMs: Readonly<Record<SpeechRun["ending"], number>> = { sentence: 250, clause: 100, none: 30 };
const fadeMs = 5;

export interface SliceRequest {
  readonly run: SpeechRun;
  /** The plan's words. */
  readonly words: readonly string[];
  readonly prosody: Prosody;
  /** Samples of the clause before this run. */
  readonly offset: number;
}

/** What a network makes of a run. */
export interface RawSpeech {
  readonly samples: Float32Array;
  /** Samples per symbol, and of the padding at each end. */
  readonly spans: ArrayLike<number>;
  /** How far the sound is ahead of the spans. */
  readonly leadSamples: number;
  /** Where the network says it; else it is measured when it is needed. */
  readonly track?: PitchTrack | undefined;
}

/** The network's samples and durations as a slice: silence trimmed to the run's pause, phones and words on the clause's time scale. */
export function cutSlice(request: SliceRequest, { samples: raw, spans, leadSamples, track }: RawSpeech): SynthesizedSlice {
  const { rate } = request.prosody;
  const settled = settlePauses(layOutSegments(request.run, spans, leadSamples, raw.length), raw);
  const soundStart = settled[0]?.end ?? 0;
  const soundEnd = settled.at(-1)?.start ?? raw.length;
  const from = soundStart - toSamples(leadInMs);
  const to = soundEnd + toSamples(pauseMs[request.run.ending] / rate);
  const samples = clip(shapeWave(raw, sampleRateHz, request.prosody, track), { from, to, soundStart, soundEnd });
  const segments = settled
    .map((segment) => ({ ...segment, start: segment.start - from, end: segment.end - from }))
    .map((segment, index) => (index === 0 ? { ...segment, start: 0 } : segment))
    .map((segment, index) => (index === settled.length - 1 ? { ...segment, end: samples.length } : segment));
  return { samples, phones: timePhones(segments, request.offset), words: timeWords(segments, request) };
}

function timePhones(segments: readonly Segment[], offset: number): TimedText[] {
  return segments
    .filter((segment) => segment.end > segment.start)
    .map((segment) => ({
      text: segment.symbol === "" ? "" : ipaOf(segment.symbol),
      startUs: toUs(segment.start + offset),
      endUs: toUs(segment.end + offset),
    }));
}

/** From the first to the last phone of each word. */
function timeWords(segments: readonly Segment[], { words, offset }: SliceRequest): TimedText[] {
  const timed: TimedText[] = [];
  for (let index = 0; index < segments.length; index++) {
    const { word, start } = segments[index] as Segment;
    if (word < 0) continue;
    while (segments[index + 1]?.word === word || (segments[index + 1]?.symbol === "" && segments[index + 2]?.word === word)) index++;
    timed.push({ text: words[word] as string, startUs: toUs(start + offset), endUs: toUs((segments[index] as Segment).end + offset) });
  }
  return timed;
}

interface Clipping {
  readonly from: number;
  readonly to: number;
  readonly soundStart: number;
  readonly soundEnd: number;
}

/** [from, to) of the samples, zeros beyond the sound, short fades at its ends, within -1..1. */
function clip(raw: Float32Array, { from, to, soundStart, soundEnd }: Clipping): Float32Array {
  const samples = new Float32Array(Math.max(0, to - from));
  const fade = toSamples(fadeMs);
  for (let index = 0; index < samples.length; index++) {
    const at = index + from;
    const faded = Math.min(1, (at - soundStart + fade) / fade, (soundEnd + fade - at) / fade);
    if (faded > 0) samples[index] = Math.max(-1, Math.min(1, (raw[at] ?? 0) * faded));
  }
  return samples;
}

function toSamples(ms: number): number {
  return Math.round((ms * sampleRateHz) / 1000);
}

function toUs(samples: number): number {
  return Math.round((samples * 1_000_000) / sampleRateHz);
}
