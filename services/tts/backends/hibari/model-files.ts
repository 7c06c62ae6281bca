import type { ResolvedModel } from "@troupe/model-store";
import { englishTextFiles } from "../english/english-text-files.ts";

/** The files of the model "hibari-en" that speaking needs. */
export const hibariFiles = [...englishTextFiles, "hibari-durations.onnx", "vocab.json"] as const;

/** Absolute path of each file. */
export type HibariFiles = Readonly<Record<(typeof hibariFiles)[number], string>>;

/** @throws ServiceError MODEL_MISSING, MODEL_CORRUPT */
export function findHibariFiles(model: ResolvedModel): HibariFiles {
  return Object.fromEntries(hibariFiles.map((name) => [name, model.file(name)])) as HibariFiles;
}
