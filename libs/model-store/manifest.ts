import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

/** What models/<id>/manifest.json holds. Paths are inside the cache folder of the model. */
export interface ModelManifest {
  readonly id: string;
  readonly stage: "vad" | "asr" | "llm" | "tts" | "face";
  /** BCP-47; empty when the model does not depend on the language. */
  readonly languages: readonly string[];
  /** SPDX expression. */
  readonly license: string;
  readonly origin: string;
  readonly description: string;
  /** What the stage loads. */
  readonly files: readonly ModelFile[];
  /** Read by the conversion recipes only and not kept in the cache. */
  readonly conversionInputs?: readonly ModelFile[] | undefined;
  /** Python packages that the recipes import, pinned as `name==version`. */
  readonly conversionRequirements?: readonly string[] | undefined;
}

export interface ModelFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly source: ModelSource;
}

/** Where a file comes from: a member of a PyPI wheel, or the output of a conversion of other files. */
export type ModelSource = PypiSource | ConversionSource;

export interface PypiSource {
  readonly kind: "pypi";
  readonly package: string;
  readonly version: string;
  /** Path inside the wheel. */
  readonly member: string;
}

export interface ConversionSource {
  readonly kind: "conversion";
  /** A Python file beside the manifest, run as `python3 <recipe> <input folder> <output folder>`. */
  readonly recipe: string;
}

const relativePath = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), "must stay inside the folder");
const version = z.string().regex(/^[0-9][0-9A-Za-z.+]*$/);

const source = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("pypi"), package: z.string().regex(/^[a-z0-9-]+$/), version, member: relativePath }),
  z.strictObject({ kind: z.literal("conversion"), recipe: z.string().regex(/^[a-z0-9-]+\.py$/) }),
]);

const file = z.strictObject({
  path: relativePath,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().positive(),
  source,
});

const manifestSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    stage: z.enum(["vad", "asr", "llm", "tts", "face"]),
    languages: z.array(z.string()),
    license: z.string().min(1),
    origin: z.string().min(1),
    description: z.string().min(1),
    files: z.array(file).min(1),
    conversionInputs: z.array(file).optional(),
    conversionRequirements: z.array(z.string().regex(/^[A-Za-z0-9_-]+==[0-9][0-9A-Za-z.]*$/)).optional(),
  })
  .refine(
    (manifest) => (manifest.conversionInputs ?? []).every((input) => input.source.kind === "pypi"),
    "conversion inputs are downloads",
  );

/** @throws ServiceError MODEL_UNKNOWN when there is no such manifest, INVALID_CONFIG when it does not fit the schema */
export async function readManifest(manifestDir: string, id: string): Promise<ModelManifest> {
  const path = join(manifestDir, id, "manifest.json");
  const text = /^[a-z0-9-]+$/.test(id) ? await readFile(path, "utf8").catch(() => undefined) : undefined;
  if (text === undefined) throw new ServiceError("MODEL_UNKNOWN", `no model manifest ${path}`);
  const manifest = parseManifest(text, path);
  if (manifest.id !== id) throw new ServiceError("INVALID_CONFIG", `${path}: id must be ${id}, the name of its folder`);
  return manifest;
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

function parseManifest(text: string, path: string): ModelManifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new ServiceError("INVALID_CONFIG", `${path}: ${reason}`, { cause: error });
  }
}
