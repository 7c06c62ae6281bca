/** One way to run speech recognition. Called once per stretch of speech; keeps nothing between calls. */
export interface AsrBackend extends AsyncDisposable {
  readonly name: string;
  /** BCP-47 primary subtags it recognises. */
  readonly languages: readonly string[];
  /**
   * Recognises one utterance.
   * @param samples mono, 16 kHz, -1..1, at most `maxAudioMs`
   * @throws ServiceError AUDIO_TOO_LONG, LANGUAGE_UNSUPPORTED, INVALID_REQUEST (hot words), DEADLINE, CANCELLED, BACKEND_FAILED
   */
  transcribe(samples: Float32Array, options: TranscribeOptions): Promise<Transcription>;
  readonly maxAudioMs: number;
  /**
   * Tells which of `languages` is spoken, in less time than recognising it takes. Backends of one language have none.
   * @throws as transcribe
   */
  detectLanguage?(samples: Float32Array, options: TranscribeOptions): Promise<DetectedLanguage>;
}

export interface DetectedLanguage {
  /** BCP-47 primary subtag. */
  readonly language: string;
  /** 0..1, among the languages of the backend. */
  readonly probability: number;
}

export interface TranscribeOptions {
  /** BCP-47; undefined: the backend decides. */
  readonly language?: string | undefined;
  /** Words and names that are likely to be said: at most 100 of 50 characters each. */
  readonly hotWords?: readonly string[] | undefined;
  /** Interims may trade accuracy for time. */
  readonly interim: boolean;
  /** Absolute, on the clock of performance.now(). */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Transcription {
  /** Empty when the audio holds no speech. */
  readonly text: string;
  readonly language: string;
  readonly words: readonly RecognisedWord[];
  /** 0..1, from the token probabilities. */
  readonly confidence: number;
  /** 0..1: how sure it is that a sentence ends with the last word, by whichever mark. */
  readonly sentenceEnd: number;
}

/** Times in microseconds from the first sample given to `transcribe`. */
export interface RecognisedWord {
  readonly text: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly confidence: number;
}
