import type { Span } from "@opentelemetry/api";
import { joinWords } from "@troupe/timeline";

/** A piece of text and when it is said, on the response scale. */
export interface TimedSpan {
  readonly text: string;
  readonly startUs: number;
  readonly endUs: number;
}

export interface ClauseSpan {
  readonly text: string;
  readonly startUs: number;
}

export interface Motion {
  /** Start of its frame, on the response scale. */
  readonly startUs: number;
  readonly weights: Float32Array;
  readonly head: { readonly yaw: number; readonly pitch: number; readonly roll: number };
}

/** A sample below this is silence (-54 dB). */
const audible = 66;
/** So much before it a sound may have begun. */
const beforeSoundMs = 30;

/** Everything a response has brought so far: sound, words, clauses and motion, each on the response scale. Kept until it is over. */
export class ResponseTrack {
  readonly number: number;
  readonly sampleRateHz: number;
  readonly words: TimedSpan[] = [];
  readonly clauses: ClauseSpan[] = [];
  speechEnded = false;
  /** "failed": what is missing of it will not come. */
  motionEnd: "open" | "complete" | "failed" = "open";
  motionFrameUs = 40_000;
  failure: unknown;
  /** What the stages before said they took, in milliseconds. */
  stageMs: Record<string, number> = {};
  firstSpeechMs = 0;
  /** From the first speech to the end of the presentation. */
  span: Span | undefined;
  #chunks: { readonly start: number; readonly samples: Int16Array }[] = [];
  #length = 0;
  readonly #motion: Motion[] = [];

  constructor(number: number, sampleRateHz: number) {
    this.number = number;
    this.sampleRateHz = sampleRateHz;
  }

  /** Samples that have come. */
  get length(): number {
    return this.#length;
  }

  get motionFrames(): number {
    return this.#motion.length;
  }

  append(samples: Int16Array): void {
    this.#chunks.push({ start: this.#length, samples });
    this.#length += samples.length;
  }

  /** Frames come in order. */
  appendMotion(motion: Motion): void {
    this.#motion.push(motion);
  }

  /** The motion at a sample, or undefined while it has not come. */
  motionAt(sample: number): Motion | undefined {
    const atUs = (sample / this.sampleRateHz) * 1e6;
    const motion = this.#motion.findLast(({ startUs }) => startUs <= atUs);
    return motion && atUs < motion.startUs + this.motionFrameUs + 1 ? motion : undefined;
  }

  /** Copies samples from `start` into `target`; returns how many there were. */
  read(start: number, target: Int16Array): number {
    const count = Math.max(0, Math.min(target.length, this.#length - start));
    for (const chunk of this.#chunks) {
      const from = Math.max(start, chunk.start);
      const to = Math.min(start + count, chunk.start + chunk.samples.length);
      if (from < to) target.set(chunk.samples.subarray(from - chunk.start, to - chunk.start), from - start);
    }
    return count;
  }

  /** Start of the word that is being said at the sample; the sample itself between words. */
  wordStart(sample: number): number {
    const word = this.words.findLast(({ startUs }) => this.#sampleAt(startUs) <= sample);
    return word && this.#sampleAt(word.endUs) > sample ? this.#sampleAt(word.startUs) : sample;
  }

  /** Where something is heard again at or after the sample, a little before it; the sample itself where nothing is known to be. */
  nextSound(sample: number): number {
    for (const { start, samples } of this.#chunks) {
      for (let at = Math.max(sample, start); at < start + samples.length; at++)
        if (Math.abs(samples[at - start] as number) >= audible)
          return Math.max(sample, at - Math.round((this.sampleRateHz * beforeSoundMs) / 1000));
    }
    return sample;
  }

  /** What was said up to the sample: whole words; all clauses as written when the response is complete. */
  textUpTo(sample: number, complete: boolean): string {
    if (complete) return joinWords(this.clauses.map((clause) => clause.text));
    return joinWords(this.words.filter((word) => this.#sampleAt(word.endUs) <= sample).map((word) => word.text));
  }

  /** The words that end by the sample, with their ends in samples; all of them when the response is complete. */
  wordsUpTo(sample: number, complete: boolean): readonly { readonly text: string; readonly end: number }[] {
    return this.words.flatMap(({ text, endUs }) => {
      const end = this.#sampleAt(endUs);
      return end <= sample || complete ? [{ text, end: Math.min(end, sample) }] : [];
    });
  }

  clauseAt(sample: number): string {
    return this.clauses.findLast((clause) => this.#sampleAt(clause.startUs) <= sample)?.text ?? "";
  }

  /** Times travel in whole microseconds, so samples are compared, not times. */
  #sampleAt(us: number): number {
    return Math.round((us / 1e6) * this.sampleRateHz);
  }
}
