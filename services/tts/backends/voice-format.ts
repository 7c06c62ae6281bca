import type { ResolvedModel } from "@troupe/model-store";
import type { TtsBackend, Voice } from "./backend.ts";

/** Of every voice format; a format whose graphs speak at another rate resamples. */
export const voiceSampleRateHz = 24_000;

export interface VoiceModelOptions {
  readonly model: ResolvedModel;
  /** Worker threads; each holds the model. Default 1. */
  readonly threads?: number;
}

/** One kind of model file that can speak; a manifest names it as its `format`. */
export interface VoiceFormat {
  /** What the model can say, known without loading it; may read small files. */
  voices(model: ResolvedModel): readonly Voice[];
  /**
   * Loads the model; it speaks at voiceSampleRateHz.
   * @throws ServiceError MODEL_MISSING, MODEL_CORRUPT, BACKEND_FAILED
   */
  create(options: VoiceModelOptions): Promise<TtsBackend>;
}
