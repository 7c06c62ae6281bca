import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isServiceError } from "@troupe/errors";
import { type ModelManifest, readManifest } from "@troupe/model-store";

export interface CatalogueEntry {
  readonly manifest: ModelManifest;
  /** Of the manifest's file, in hexadecimal. */
  readonly sha256: string;
}

/** The manifests that this release ships. */
export interface ModelCatalogue {
  /** @returns undefined if there is none of that id @throws ServiceError INVALID_CONFIG if it can't be read */
  lookUp(id: string): Promise<CatalogueEntry | undefined>;
}

/** @param folder holds a folder for each model, with its manifest.json */
export function createModelCatalogue(folder: string): ModelCatalogue {
  return {
    async lookUp(id) {
      try {
        const manifest = await readManifest(folder, id);
        const bytes = await readFile(join(folder, id, "manifest.json"));
        return { manifest, sha256: createHash("sha256").update(bytes).digest("hex") };
      } catch (thrown) {
        if (isServiceError(thrown, "MODEL_UNKNOWN")) return undefined;
        throw thrown;
      }
    },
  };
}
