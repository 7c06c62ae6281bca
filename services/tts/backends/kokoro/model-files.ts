import { ServiceError } from "@troupe/errors";
import type { ResolvedModel } from "@troupe/model-store";
import type { Voice } from "../backend.ts";

/** Everything a worker needs. */
export interface KokoroFiles {
  /** Absolute path by path in the manifest. */
  readonly paths: Readonly<Record<string, string>>;
  readonly voices: readonly VoiceFiles[];
}

export interface VoiceFiles extends Voice {
  /** Manifest path of the style: 510 rows of 256 float32, one per number of symbols. */
  readonly style: string;
  /** Manifest path of the decoder's statistics for the voice, float16; undefined where the model has none. */
  readonly statistics: string | undefined;
}

const statisticsFolder = "statistics";

/** @throws ServiceError INVALID_CONFIG for a model without voices or with one that has no file */
export function kokoroVoices({ manifest }: ResolvedModel): readonly VoiceFiles[] {
  const paths = new Set(manifest.files.map(({ path }) => path));
  return (manifest.voices ?? []).map(({ id, languages, file }) => {
    if (file === undefined) throw new ServiceError("INVALID_CONFIG", `model ${manifest.id}: voice ${id} names no file`);
    const statistics = `${statisticsFolder}/${id}.f16`;
    return { id, languages, style: file, statistics: paths.has(statistics) ? statistics : undefined };
  });
}

/** @throws ServiceError MODEL_MISSING, MODEL_CORRUPT, INVALID_CONFIG */
export function findKokoroFiles(model: ResolvedModel): KokoroFiles {
  const voices = kokoroVoices(model);
  if (voices.length === 0) throw new ServiceError("INVALID_CONFIG", `model ${model.manifest.id} lists no voices`);
  return { paths: Object.fromEntries(model.manifest.files.map(({ path }) => [path, model.file(path)])), voices };
}
