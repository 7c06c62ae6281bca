/** One way to turn speech into facial motion. Causal and stateless between responses. */
export interface FaceBackend extends AsyncDisposable {
  readonly name: string;
  /**
   * Animates one response.
   * Frame n covers [n / fps, (n + 1) / fps) of the response scale; frames come in order, none is skipped, and the last one covers
   * the last sample. Weights are additive to the presenter's idle face.
   */
  animate(speech: AsyncIterable<SpeechChunk>, options: AnimateOptions): AsyncIterable<MotionFrame>;
}

export interface AnimateOptions {
  /** 25 or 30. */
  readonly framesPerSecond: number;
  readonly signal?: AbortSignal | undefined;
}

/** Consecutive speech of one response. Times in microseconds on the response scale. */
export interface SpeechChunk {
  /** Of the first sample. */
  readonly ptsUs: number;
  /** Mono, 16-bit. */
  readonly samples: Int16Array;
  readonly sampleRateHz: number;
  /** IPA symbols starting in this chunk; silence is the empty string. Empty when the voice gives none. */
  readonly phones: readonly TimedPhone[];
  /** How the clause that starts with this chunk is said; undefined where none starts. Speech is neutral until one says otherwise. */
  readonly delivery?: Delivery | undefined;
}

/** Matter-of-fact; softer, slower and lower; livelier, faster and higher. */
export type Delivery = "neutral" | "gentle" | "excited";

export interface TimedPhone {
  readonly symbol: string;
  readonly startUs: number;
  readonly endUs: number;
}

export interface MotionFrame {
  readonly ptsUs: number;
  /** 52 values, 0..1, in the order of blendShapeNames. */
  readonly weights: Float32Array;
  /** Accents added to the presenter's own head motion, in radians: yaw right, pitch up, roll to the right shoulder positive. */
  readonly head: HeadPose;
}

export interface HeadPose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}
