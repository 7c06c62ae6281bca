import { isAbsolute } from "node:path";
import { z } from "zod";
import { type ModelManifest, modelStages } from "./manifest.ts";
import { isFetchable } from "./source-address.ts";

const TYPES = [
  "float16",
  "float32",
  "float64",
  "bfloat16",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
] as const;

/** Bounds for what may come from elsewhere: a manifest is a page of text, whatever it claims. */
const MAX_FILES = 500;
const MAX_SOURCES = 16;
const MAX_FILE_BYTES = 64 * 2 ** 30;

export const modelIdPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A repository of a registry: its host and a path, without tag or digest. */
export const ociRepositoryPattern = /^[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/;

/** A path below a folder: no way up, no root, no second spelling of the same file. */
const innerPath = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_@+.~ -]+(\/[A-Za-z0-9_@+.~ -]+)*$/, "letters, digits, . _ - + @ ~ and single slashes only")
  .refine((path) => path.split("/").every((part) => part !== "." && part !== ".."), "must stay inside the folder");

const text = z.string().trim().min(1).max(2000);
const word = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "small letters, digits, . _ -");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const version = z
  .string()
  .max(64)
  .regex(/^[0-9][0-9A-Za-z.+-]*$/);

const pypi = z.strictObject({
  kind: z.literal("pypi"),
  package: z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,100}[A-Za-z0-9])?$/),
  version,
  member: innerPath,
  platform: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_]{0,62}$/)
    .optional(),
});
const npm = z.strictObject({
  kind: z.literal("npm"),
  package: z.string().regex(/^(@[a-z0-9][a-z0-9._-]{0,100}\/)?[a-z0-9][a-z0-9._-]{0,100}$/),
  version,
  member: innerPath,
});
const localFile = z.strictObject({ kind: z.literal("file"), path: z.union([innerPath, z.string().max(1000).refine(isAbsolute)]) });

const source = z.discriminatedUnion("kind", [
  pypi,
  npm,
  localFile,
  z.strictObject({
    kind: z.literal("https"),
    url: z.url().max(2000).refine(isFetchable, "https, or http on this machine, without a password"),
  }),
  z.strictObject({
    kind: z.literal("oci"),
    repository: z.string().max(300).regex(ociRepositoryPattern, "host/name without tag or digest"),
  }),
  z.strictObject({
    kind: z.literal("joined"),
    parts: z
      .array(z.discriminatedUnion("kind", [pypi, npm, localFile]))
      .min(2)
      .max(64),
  }),
  z.strictObject({ kind: z.literal("conversion"), recipe: z.string().regex(/^[a-z0-9_-]{1,64}\.py$/) }),
]);

const file = z.strictObject({
  path: innerPath,
  sha256,
  sizeBytes: z.int().positive().max(MAX_FILE_BYTES),
  sources: z.array(source).min(1).max(MAX_SOURCES),
});

const axis = z.union([z.int().nonnegative(), z.string().min(1).max(100)]);
const tensors = z
  .array(z.strictObject({ name: z.string().min(1).max(200), type: z.enum([...TYPES, "bool", "string"]), shape: z.array(axis).max(16) }))
  .max(500);

const variant = z.strictObject({
  name: word,
  precision: word,
  default: z.boolean().optional(),
  files: z.array(innerPath).min(1).max(MAX_FILES),
});

const language = z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "a BCP-47 tag");

const voice = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/),
  languages: z.array(language).min(1).max(100),
  file: innerPath.optional(),
});

export const manifestSchema = z
  .strictObject({
    id: z.string().regex(modelIdPattern),
    format: word,
    stage: z.enum(modelStages),
    roles: z.array(word).min(1).max(16),
    languages: z.array(language).max(500),
    sampleRateHz: z.int().positive().optional(),
    license: text,
    attribution: text.optional(),
    origin: text,
    filingNumber: text.optional(),
    description: text,
    voices: z.array(voice).max(MAX_FILES).optional(),
    variants: z.array(variant).max(16).optional(),
    tensors: z.record(innerPath, z.strictObject({ inputs: tensors, outputs: tensors })).optional(),
    files: z.array(file).min(1).max(MAX_FILES),
    conversionInputs: z.array(file).max(MAX_FILES).optional(),
    conversionRequirements: z
      .array(z.string().regex(/^[A-Za-z0-9_-]+==[0-9][0-9A-Za-z.]*$/))
      .max(50)
      .optional(),
  })
  .superRefine((manifest, context) => {
    for (const message of contradictions(manifest)) context.addIssue({ code: "custom", message });
  });

/** What each field cannot see by itself. */
function contradictions(manifest: ModelManifest): readonly string[] {
  const inputs = manifest.conversionInputs ?? [];
  const paths = new Set(manifest.files.map((entry) => entry.path));
  const variants = manifest.variants ?? [];
  const defaults = variants.filter((entry) => entry.default);
  return [
    ...repeated([...manifest.files, ...inputs].map((entry) => entry.path)).map((path) => `${path} is listed twice`),
    ...repeated(variants.map((entry) => entry.name)).map((name) => `two variants are called ${name}`),
    ...variants.flatMap((entry) => entry.files.filter((path) => !paths.has(path)).map((path) => `variant ${entry.name}: no file ${path}`)),
    ...(manifest.voices ?? []).flatMap(({ id, file: path }) => (path && !paths.has(path) ? [`voice ${id}: no file ${path}`] : [])),
    ...Object.keys(manifest.tensors ?? {}).flatMap((path) => (paths.has(path) ? [] : [`tensors: no file ${path}`])),
    ...(variants.length > 0 && defaults.length !== 1 ? ["exactly one variant must be the default"] : []),
    ...inputs.flatMap((entry) =>
      entry.sources.some((from) => from.kind === "conversion") ? [`${entry.path}: an input is not converted`] : [],
    ),
  ];
}

function repeated(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}
