import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { ModelFile } from "./manifest.ts";

export type FileCheck =
  | { readonly state: "intact" }
  | { readonly state: "missing" }
  | { readonly state: "corrupt"; readonly detail: string };

/** Compares a file on disk with its manifest entry: size first, then the whole content's sha256. */
export async function checkFile(path: string, expected: ModelFile): Promise<FileCheck> {
  const sizeBytes = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (sizeBytes === undefined) return { state: "missing" };
  if (sizeBytes !== expected.sizeBytes) return { state: "corrupt", detail: `${sizeBytes} bytes instead of ${expected.sizeBytes}` };
  const sha256 = await hashFile(path);
  if (sha256 !== expected.sha256) return { state: "corrupt", detail: `sha256 ${sha256} instead of ${expected.sha256}` };
  return { state: "intact" };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
