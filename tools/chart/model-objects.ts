import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { stageNames } from "@troupe/kinds";
import { cpuMemoryMebibytes } from "./model-needs.ts";

/** A Model of the chart, by the id of its manifest. */
export interface ModelObject {
  readonly name: string;
  readonly spec: object;
}

interface Manifest {
  readonly id: string;
  readonly stage: string;
  readonly languages?: readonly string[];
  readonly license: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly sizeBytes: number }[];
}

export interface StoredManifest extends Manifest {
  /** Of the manifest's file. */
  readonly sha256: string;
}

/** Every manifest under models/, by id. */
export async function readManifests(root: string): Promise<readonly StoredManifest[]> {
  const entries = await readdir(join(root, "models"), { withFileTypes: true });
  const texts = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => readFile(join(root, "models", name, "manifest.json"), "utf8").catch(() => "")),
  );
  return texts
    .filter((text) => text !== "")
    .map((text) => ({ ...(JSON.parse(text) as Manifest), sha256: createHash("sha256").update(text).digest("hex") }))
    .sort((a, b) => a.id.localeCompare(b.id));
}

/**
 * Models of all manifests that a stage loads and whose memory was measured. One inference thread each, as the services have it:
 * a whole core.
 */
export const modelObjects = (manifests: readonly StoredManifest[]): readonly ModelObject[] =>
  manifests.flatMap(({ id, stage, languages, license, sha256 }) => {
    const memoryMebibytes = cpuMemoryMebibytes[id];
    if (memoryMebibytes === undefined || !stageNames.some((name) => name === stage)) return [];
    return {
      name: id,
      spec: {
        stage,
        manifest: { id, sha256 },
        languages: languages ?? [],
        needs: [{ acceleratorClass: "cpu", memoryMebibytes, share: { cpuMillicores: 1000 } }],
        licence: license,
      },
    };
  });
