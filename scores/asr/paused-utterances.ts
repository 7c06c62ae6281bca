import type { Transcription } from "@troupe/asr/backends";
import type { Prompt } from "../asterisk-prompts.ts";
import { createRandom, whiteNoise } from "./noise.ts";

const rateHz = 16_000;
const frameSamples = 160;
/** Speech is within this of its loudest frame. */
const speechRangeDb = 35;
/** The boundary between two words is looked for so far around where recognition puts it. */
const searchMs = 120;
/** Amplitude of the noise in the pauses: about that of the recordings. */
const floorAmplitude = 0.0005;

/** An utterance with a pause in it. Times in milliseconds from its start. */
export interface PausedUtterance {
  readonly prompt: Prompt;
  readonly samples: Float32Array;
  readonly pause: { readonly startMs: number; readonly endMs: number };
  /** Where the last sound of speech ends, by energy. */
  readonly speechEndMs: number;
  /** What comes before the pause. */
  readonly before: string;
}

export interface PauseOptions {
  readonly pauseMs: { readonly low: number; readonly high: number };
  /** Silence after the speech. */
  readonly tailMs: number;
  readonly seed: number;
}

/**
 * Puts a pause between two words of a single-sentence prompt: at the quietest moment near a boundary that a seeded choice takes,
 * at least two words after the start and before the end.
 * @returns undefined for prompts that are too short, too long or of several sentences
 */
export function insertPause(prompt: Prompt, heard: Transcription, options: PauseOptions): PausedUtterance | undefined {
  const { words } = heard;
  const sentences = prompt.text.split(/[.?!]\s+/).length;
  if (words.length < 5 || sentences > 1 || prompt.samples.length > 12 * rateHz) return undefined;
  const random = createRandom(options.seed);
  random();
  const after = 1 + Math.floor(random() * (words.length - 3));
  const boundaryMs = (words[after + 1]?.startUs ?? 0) / 1000;
  const cutMs = quietestMs(prompt.samples, boundaryMs - searchMs, boundaryMs + searchMs);
  const pauseMs = Math.round(options.pauseMs.low + random() * (options.pauseMs.high - options.pauseMs.low));
  const cut = cutMs * (rateHz / 1000);
  const speechEnd = speechEndSample(prompt.samples);
  const length = speechEnd + ((pauseMs + options.tailMs) * rateHz) / 1000;
  const samples = whiteNoise(length, options.seed).map((value) => value * floorAmplitude);
  add(samples, fade(prompt.samples.subarray(0, cut)), 0);
  add(samples, fade(prompt.samples.subarray(cut, speechEnd)), cut + (pauseMs * rateHz) / 1000);
  return {
    prompt,
    samples,
    pause: { startMs: cutMs, endMs: cutMs + pauseMs },
    speechEndMs: (speechEnd * 1000) / rateHz + pauseMs,
    before: words
      .slice(0, after + 1)
      .map((word) => word.text)
      .join(" "),
  };
}

function add(target: Float32Array, sound: Float32Array, at: number): void {
  for (let index = 0; index < sound.length && at + index < target.length; index++)
    target[at + index] = (target[at + index] as number) + (sound[index] as number);
}

/** 5 ms at either end, so that a cut does not click. */
function fade(sound: Float32Array): Float32Array {
  const ramp = 80;
  return sound.map((sample, index) => sample * Math.min(1, (index + 1) / ramp, (sound.length - index) / ramp));
}

function frameEnergies(samples: Float32Array): readonly number[] {
  const frames: number[] = [];
  for (let start = 0; start < samples.length; start += frameSamples) {
    frames.push(samples.subarray(start, start + frameSamples).reduce((sum, sample) => sum + sample * sample, 0) / frameSamples);
  }
  return frames;
}

function quietestMs(samples: Float32Array, fromMs: number, toMs: number): number {
  const energies = frameEnergies(samples);
  let best = Math.max(0, Math.round(fromMs / 10));
  for (let frame = best; frame < Math.min(energies.length, toMs / 10); frame++) {
    if ((energies[frame] as number) < (energies[best] as number)) best = frame;
  }
  return best * 10 + 5;
}

function speechEndSample(samples: Float32Array): number {
  const energies = frameEnergies(samples);
  const threshold = Math.max(...energies) / 10 ** (speechRangeDb / 10);
  return Math.min(samples.length, (energies.findLastIndex((energy) => energy > threshold) + 1) * frameSamples);
}
