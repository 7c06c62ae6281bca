import { ServiceError } from "@troupe/errors";
import type { ModelFile, ModelManifest, ModelVariant } from "./manifest.ts";

/**
 * The variant of that name, else the default; undefined for a model that has none.
 * @throws ServiceError MODEL_UNKNOWN
 */
export function chooseVariant(manifest: ModelManifest, name: string | undefined): ModelVariant | undefined {
  const variants = manifest.variants ?? [];
  if (name === undefined) return variants.find((variant) => variant.default);
  const found = variants.find((variant) => variant.name === name);
  if (found) return found;
  const known = variants.map((variant) => variant.name).join(", ") || "none";
  throw new ServiceError("MODEL_UNKNOWN", `model ${manifest.id} has no variant ${name}; it has ${known}`);
}

/** The files of one variant: its own and those that belong to all. */
export function filesOf(manifest: ModelManifest, variant: ModelVariant | undefined): readonly ModelFile[] {
  const ofOthers = new Set((manifest.variants ?? []).filter((other) => other !== variant).flatMap((other) => other.files));
  return manifest.files.filter((file) => variant?.files.includes(file.path) || !ofOthers.has(file.path));
}
