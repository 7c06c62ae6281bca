/** What models/<id>/manifest.json holds. Paths are inside the cache folder of the model. */
export interface ModelManifest {
  readonly id: string;
  readonly stage: "vad" | "asr" | "llm" | "tts" | "face";
  /** BCP-47. */
  readonly languages: readonly string[];
  readonly license: string;
  readonly origin: string;
  readonly description: string;
  readonly files: readonly ModelFile[];
}

export interface ModelFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Where it comes from: a member of a PyPI wheel, or the output of a conversion of other files. */
  readonly source:
    | { readonly kind: "pypi"; readonly package: string; readonly version: string; readonly member: string }
    | { readonly kind: "conversion"; readonly recipe: string };
}

export interface ResolvedModel {
  readonly manifest: ModelManifest;
  /** Absolute path of a file of the manifest, verified by sha256 once per process. */
  file(path: string): string;
}

export interface ModelStore {
  /** @throws ServiceError MODEL_UNKNOWN, MODEL_MISSING, MODEL_CORRUPT */
  resolve(id: string): Promise<ResolvedModel>;
}
