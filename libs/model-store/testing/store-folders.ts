import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelFile, ModelManifest } from "../manifest.ts";
import type { ModelSource } from "../model-source.ts";
import { createModelStore, type ResolvedModel } from "../model-store.ts";
import { type PullOptions, pullModels } from "../pull.ts";
import type { PullEvent } from "../pull-event.ts";

/** Folders of a store in a temporary place, with manifests to try. */
export interface StoreFolders extends AsyncDisposable {
  readonly dir: string;
  readonly manifestDir: string;
  readonly cacheDir: string;
  /** Writes models/<id>/manifest.json; fields that are missing get a valid value. */
  write(changes: Partial<ModelManifest>): Promise<void>;
  /** Writes a file of models/. */
  put(path: string, content: string | Uint8Array): Promise<void>;
  pull(options?: Partial<PullOptions>): Promise<readonly PullEvent[]>;
  resolve(name?: string): Promise<ResolvedModel>;
}

export async function createStoreFolders(): Promise<StoreFolders> {
  const dir = await mkdtemp(join(tmpdir(), "model-store-"));
  const manifestDir = join(dir, "models");
  const cacheDir = join(dir, "cache");
  await mkdir(manifestDir);
  const put = async (path: string, content: string | Uint8Array) => {
    await mkdir(join(manifestDir, path, ".."), { recursive: true });
    await writeFile(join(manifestDir, path), content);
  };
  return {
    dir,
    manifestDir,
    cacheDir,
    put,
    write: (changes) => put(`${changes.id ?? "tiny"}/manifest.json`, JSON.stringify({ ...plainManifest, ...changes })),
    async pull(options) {
      const events: PullEvent[] = [];
      await pullModels({ manifestDir, cacheDir, env: process.env, onProgress: (event) => events.push(event), ...options });
      return events;
    },
    resolve: (name = "tiny") => createModelStore({ manifestDir, cacheDir }).resolve(name),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  };
}

const plainManifest: Omit<ModelManifest, "files"> = {
  id: "tiny",
  format: "text",
  stage: "asr",
  roles: ["recognition"],
  languages: ["en"],
  license: "MIT",
  origin: "https://example.org",
  description: "for tests",
};

/** The entry of a manifest for a file of this content. */
export function fileEntry(path: string, content: string | Uint8Array, ...sources: readonly ModelSource[]): ModelFile {
  const bytes = Buffer.from(content);
  return { path, sha256: sha256Of(bytes), sizeBytes: bytes.length, sources };
}

export function sha256Of(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
