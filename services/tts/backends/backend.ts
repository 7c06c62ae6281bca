/** One way to run speech synthesis. Called once per clause. */
export interface TtsBackend extends AsyncDisposable {
  readonly name: string;
  /** Of every chunk, in Hz. */
  readonly sampleRateHz: number;
  readonly voices: readonly Voice[];
  /**
   * Speaks one clause; yields as soon as the first slice is ready.
   * @throws ServiceError TEXT_EMPTY, LANGUAGE_UNSUPPORTED, DEADLINE, CANCELLED, BACKEND_FAILED
   */
  synthesize(clause: ClauseRequest, options: SynthesizeOptions): AsyncIterable<SynthesizedSlice>;
}

export interface Voice {
  readonly id: string;
  /** BCP-47. */
  readonly languages: readonly string[];
}

export interface ClauseRequest {
  /** Plain text, at most 1,000 characters. */
  readonly text: string;
  readonly language: string;
  readonly voice: string;
  /** The speaker's other voices by language (BCP-47), for words of another language inside the clause. */
  readonly voices?: Readonly<Record<string, string>> | undefined;
  /** 1 = the voice's own rate; 0.5..2. */
  readonly rate: number;
  /** Shift of the voice's pitch in semitones, -12..12; default 0. */
  readonly pitchSemitones?: number | undefined;
  /** Default "neutral". */
  readonly delivery?: Delivery | undefined;
  /** The tenant's own pronunciations. */
  readonly pronunciations?: readonly Pronunciation[] | undefined;
}

/** How words are said: matter-of-fact; softer, slower and lower; livelier, faster and higher. */
export type Delivery = "neutral" | "gentle" | "excited";

/** How a word or name is to be said: by other words of the same language, or by phones (IPA; numbered pinyin in Mandarin). */
export interface Pronunciation {
  /** As it is written; matched as whole words, regardless of case. */
  readonly written: string;
  /** BCP-47; undefined: in all languages. */
  readonly language?: string | undefined;
  readonly spoken: { readonly respelling: string } | { readonly phones: string };
}

export interface SynthesizeOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A run of samples with the words and phones that start in it. Times in microseconds from the start of the clause. */
export interface SynthesizedSlice {
  /** Mono, -1..1, at the backend's sampleRateHz. */
  readonly samples: Float32Array;
  readonly words: readonly TimedText[];
  /** IPA symbols; silence is the empty string. Contiguous: each ends where the next starts. */
  readonly phones: readonly TimedText[];
}

export interface TimedText {
  readonly text: string;
  readonly startUs: number;
  readonly endUs: number;
}
