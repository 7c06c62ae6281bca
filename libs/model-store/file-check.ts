import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelFile } from "./manifest.ts";

export type FileCheck =
  | { readonly state: "intact" }
  | { readonly state: "missing" }
  | { readonly state: "corrupt"; readonly detail: string };

/** What must be known of a file to check it. */
export type FileIdentity = Pick<ModelFile, "sha256" | "sizeBytes">;

/** Compares a file with what is expected: no link, then its size, then the whole content's sha256. */
export async function checkFile(
  path: string,
  expected: FileIdentity,
  hash: (path: string) => Promise<string> = hashFile,
): Promise<FileCheck> {
  const check = await checkSize(path, expected);
  if (check.state !== "intact") return check;
  const sha256 = await hash(path);
  return sha256 === expected.sha256 ? check : { state: "corrupt", detail: `has the sha256 ${sha256} instead of ${expected.sha256}` };
}

/** The first half of checkFile, which costs nothing. */
export async function checkSize(path: string, expected: FileIdentity): Promise<FileCheck> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return { state: "missing" };
  if (found.isSymbolicLink()) return { state: "corrupt", detail: "is a link, whose target could change after the check" };
  if (!found.isFile()) return { state: "corrupt", detail: "is no file" };
  if (found.size !== expected.sizeBytes) return { state: "corrupt", detail: `has ${found.size} bytes instead of ${expected.sizeBytes}` };
  return { state: "intact" };
}

/** The first link among the folders between `folder` (which itself may be one) and a path below it. */
export async function linkedFolder(folder: string, path: string): Promise<string | undefined> {
  let at = folder;
  for (const part of path.split("/").slice(0, -1)) {
    at = join(at, part);
    const found = await lstat(at).catch(() => undefined);
    if (!found) return undefined;
    if (!found.isDirectory()) return at;
  }
  return undefined;
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
