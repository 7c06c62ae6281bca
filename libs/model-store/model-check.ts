import { join } from "node:path";
import { cacheFolders } from "./cache-folder.ts";
import type { FileCheck } from "./file-check.ts";
import { createFileVerifier, type FileVerifier } from "./file-verifier.ts";
import { graphDifference } from "./graph-check.ts";
import type { ModelFile, ModelManifest } from "./manifest.ts";

/** Whether a file of a model is in the cache as its manifest says: its bytes, and the tensors of a graph. */
export async function checkFileOf(
  manifest: ModelManifest,
  file: ModelFile,
  cacheDir: string,
  verifier: FileVerifier = createFileVerifier(),
): Promise<FileCheck> {
  const { models } = cacheFolders(cacheDir);
  const check = await verifier.check(models, `${manifest.id}/${file.path}`, file);
  const tensors = manifest.tensors?.[file.path];
  if (check.state !== "intact" || !tensors) return check;
  const difference = graphDifference(verifier.tensorsOf(join(models, manifest.id, file.path), file.sha256), tensors);
  return difference === undefined ? check : { state: "corrupt", detail: `does not fit its manifest: ${difference}` };
}
