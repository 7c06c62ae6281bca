import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import type { ModelManifest } from "./manifest.ts";
import { type ModelPolicy, refusalOf } from "./model-policy.ts";
import { readManifestBytes } from "./read-manifest.ts";

/**
 * A manifest that the policy lets through.
 * @throws ServiceError MODEL_REFUSED with the reason; as readManifest
 */
export async function readTrustedManifest(manifestDir: string, id: string, policy: ModelPolicy): Promise<ModelManifest> {
  const { manifest, bytes } = await readManifestBytes(manifestDir, id);
  const signature = await readFile(join(manifestDir, id, "manifest.sig"), "utf8").catch(() => undefined);
  const refusal = refusalOf({ manifest, bytes, signature }, policy);
  if (refusal) throw new ServiceError("MODEL_REFUSED", `model ${id} is refused: ${refusal}`, { metadata: { model: id } });
  return manifest;
}
