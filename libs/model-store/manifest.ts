import type { ModelSource } from "./model-source.ts";

export const modelStages = ["vad", "asr", "llm", "tts", "face", "compositor"] as const;

/** What models/<id>/manifest.json holds. Its bytes pin every file by sha256. Paths are inside the cache folder of the model. */
export interface ModelManifest {
  /** The name of the manifest's folder. */
  readonly id: string;
  /** Which loader reads the files: "whisper-onnx", "hibari", "gguf" … */
  readonly format: string;
  readonly stage: (typeof modelStages)[number];
  /** What it does there: "recognition", "embedding" … */
  readonly roles: readonly string[];
  /** BCP-47; empty when the model does not depend on the language. */
  readonly languages: readonly string[];
  /** Of the sound that the model reads or writes. */
  readonly sampleRateHz?: number | undefined;
  /** SPDX expression. */
  readonly license: string;
  /** Whom to name and where the licence's text is, where the licence asks for that. */
  readonly attribution?: string | undefined;
  readonly origin: string;
  /** Under which an algorithm or a model was filed with an authority. */
  readonly filingNumber?: string | undefined;
  readonly description: string;
  /** Of a speech synthesiser. */
  readonly voices?: readonly ModelVoice[] | undefined;
  /** Empty or absent: there is one form of the model. */
  readonly variants?: readonly ModelVariant[] | undefined;
  /** What goes into and comes out of the graphs, by path of the ONNX file. */
  readonly tensors?: Readonly<Record<string, GraphTensors>> | undefined;
  /** What the stage loads. */
  readonly files: readonly ModelFile[];
  /** Read by the conversion recipes only and not kept in the cache. */
  readonly conversionInputs?: readonly ModelFile[] | undefined;
  /** Python packages that the recipes import, pinned as `name==version`. */
  readonly conversionRequirements?: readonly string[] | undefined;
}

export interface ModelVoice {
  readonly id: string;
  /** BCP-47. */
  readonly languages: readonly string[];
  /** One of `files`, where a voice is a file. */
  readonly file?: string | undefined;
}

/** One of several forms of a model, of which a store takes one. Files that no variant lists belong to all. */
export interface ModelVariant {
  readonly name: string;
  /** fp32, fp16, int8, q4_k_m … */
  readonly precision: string;
  /** True for exactly one. */
  readonly default?: boolean | undefined;
  /** Paths of `files`. `<name>/x` stands in for `x`, so that a loader need not know which variant it has. */
  readonly files: readonly string[];
}

export interface GraphTensors {
  readonly inputs: readonly TensorShape[];
  readonly outputs: readonly TensorShape[];
}

export interface TensorShape {
  readonly name: string;
  /** As ONNX Runtime calls it: float32, int64 … */
  readonly type: string;
  /** A name stands for an axis whose length is open. */
  readonly shape: readonly (number | string)[];
}

export interface ModelFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Tried in order until one gives these bytes. */
  readonly sources: readonly ModelSource[];
}
