import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import type { ModelManifest } from "./manifest.ts";
import { manifestSchema, modelIdPattern } from "./manifest-schema.ts";

const MAX_MANIFEST_BYTES = 1 << 20;

export interface ManifestBytes {
  readonly manifest: ModelManifest;
  /** As on disk; what a signature covers. */
  readonly bytes: Buffer;
}

/** @throws ServiceError MODEL_UNKNOWN when there is no such manifest, INVALID_CONFIG when it does not fit the schema */
export async function readManifest(manifestDir: string, id: string): Promise<ModelManifest> {
  return (await readManifestBytes(manifestDir, id)).manifest;
}

/** @throws as readManifest */
export async function readManifestBytes(manifestDir: string, id: string): Promise<ManifestBytes> {
  const path = join(manifestDir, id, "manifest.json");
  const bytes = modelIdPattern.test(id) ? await readBounded(path) : undefined;
  if (bytes === undefined)
    throw new ServiceError("MODEL_UNKNOWN", `no model manifest ${path}; \`troupe models list\` shows those there are`);
  const manifest = parseManifest(bytes, path);
  if (manifest.id !== id) throw new ServiceError("INVALID_CONFIG", `${path}: id must be ${id}, the name of its folder`);
  return { manifest, bytes };
}

/** The ids of all manifests in the folder, sorted. */
export async function listManifests(manifestDir: string): Promise<readonly string[]> {
  const folders = await readdir(manifestDir, { withFileTypes: true });
  const found = await Promise.all(
    folders.map(async (folder) => {
      if (!folder.isDirectory()) return undefined;
      const names = await readdir(join(manifestDir, folder.name));
      return names.includes("manifest.json") ? folder.name : undefined;
    }),
  );
  return found.filter((id) => id !== undefined).sort();
}

async function readBounded(path: string): Promise<Buffer | undefined> {
  const handle = await open(path).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    if (size > MAX_MANIFEST_BYTES)
      throw new ServiceError("INVALID_CONFIG", `${path}: ${size} bytes, a manifest has at most ${MAX_MANIFEST_BYTES}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function parseManifest(bytes: Buffer, path: string): ModelManifest {
  try {
    return manifestSchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new ServiceError("INVALID_CONFIG", `${path}: ${reason}`, { cause: error });
  }
}
