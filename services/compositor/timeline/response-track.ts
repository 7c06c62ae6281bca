import type { Span } from "@opentelemetry/api";

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
  readonly weights: Float32Array;
  readonly head: { readonly yaw: number; readonly pitch: number; readonly roll: number };
}

/** Everything a response has brought so far: sound, words, clauses and motion, each on the response scale. Kept until it is over. */
export class ResponseTrack {
  readonly number: number;
  readonly sampleRateHz: number;
  readonly words: TimedSpan[] = [];
  readonly clauses: ClauseSpan[] = [];
  speechEnded = false;
  motionEnded = false;
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

  appendMotion(motion: Motion): void {
    this.#motion.push(motion);
  }

  /** Motion frame number `index`, or undefined while it has not come. */
  motion(index: number): Motion | undefined {
    return this.#motion[index];
  }

  /** Copies samples from `start` into `target` at `offset`; returns how many there were. */
  read(start: number, target: Int16Array, offset: number): number {
    const count = Math.max(0, Math.min(target.length - offset, this.#length - start));
    for (const chunk of this.#chunks) {
      const from = Math.max(start, chunk.start);
      const to = Math.min(start + count, chunk.start + chunk.samples.length);
      if (from < to) target.set(chunk.samples.subarray(from - chunk.start, to - chunk.start), offset + from - start);
    }
    return count;
  }

  /** Start of the word that is being said at the sample, so that a held response goes on with a whole word. */
  wordStart(sample: number): number {
    const atUs = (sample / this.sampleRateHz) * 1e6;
    const word = this.words.findLast((span) => span.startUs <= atUs);
    if (!word || word.endUs <= atUs) return sample;
    return Math.min(sample, Math.round((word.startUs / 1e6) * this.sampleRateHz));
  }

  /** What was said up to the sample: whole words; all clauses as written when the response is complete. */
  textUpTo(sample: number, complete: boolean): string {
    if (complete) return this.clauses.map((clause) => clause.text).join(" ");
    const atUs = (sample / this.sampleRateHz) * 1e6;
    return this.words
      .filter((word) => word.endUs <= atUs)
      .map((word) => word.text)
      .join(" ");
  }

  clauseAt(sample: number): string {
    const atUs = (sample / this.sampleRateHz) * 1e6;
    return this.clauses.findLast((clause) => clause.startUs <= atUs)?.text ?? "";
  }
}
