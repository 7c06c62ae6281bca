import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** A schema of a CustomResourceDefinition, so far as ours use it (structural OpenAPI 3). */
export interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "boolean";
  readonly format?: string;
  readonly enum?: readonly (string | boolean)[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly CelRule[];
}

export interface CelRule {
  readonly rule: string;
  readonly message?: string;
  readonly optionalOldSelf?: boolean;
}

/** A kind with the schema of its one version. */
export interface Crd {
  /** Name of its source without extension: `stage-pool`. */
  readonly file: string;
  readonly text: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Cluster" | "Namespaced";
  readonly shortNames: readonly string[];
  readonly columns: readonly { readonly name: string; readonly jsonPath: string }[];
  readonly schema: Schema;
}

const folder = "libs/kinds/crds";

/** Every kind, by the name of its source. @throws when a source has not exactly one version */
export async function readCrds(root: string): Promise<readonly Crd[]> {
  const files = (await readdir(join(root, folder))).filter((name) => name.endsWith(".yaml")).sort();
  return await Promise.all(
    files.map(async (name) => crdOf(name.slice(0, -".yaml".length), await readFile(join(root, folder, name), "utf8"))),
  );
}

function crdOf(file: string, text: string): Crd {
  const { spec } = parse(text);
  if (spec.versions.length !== 1) throw new Error(`${file}: one version is served until v1beta1, not ${spec.versions.length}`);
  const [{ schema, additionalPrinterColumns: columns }] = spec.versions;
  const { kind, plural, shortNames } = spec.names;
  return { file, text, kind, plural, scope: spec.scope, shortNames, columns, schema: schema.openAPIV3Schema };
}

/** A schema and where it stands, as people write it: `spec.stages[].model`. */
export interface PlacedSchema {
  readonly path: string;
  readonly schema: Schema;
  /** Whether the object that holds it must have it. */
  readonly required: boolean;
}

/** A schema and all within it, in the order of the source. */
export function* schemasOf(schema: Schema, path = "", required = true): Generator<PlacedSchema> {
  yield { path, schema, required };
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    yield* schemasOf(inner, path === "" ? name : `${path}.${name}`, schema.required?.includes(name) ?? false);
  if (schema.items) yield* schemasOf(schema.items, `${path}[]`);
  if (schema.additionalProperties) yield* schemasOf(schema.additionalProperties, `${path}.*`);
}

/** Rules and messages on one line each, as folded YAML has them. */
export const rulesOf = (crd: Crd): readonly (CelRule & { readonly path: string })[] =>
  [...schemasOf(crd.schema)].flatMap(({ path, schema }) => (schema["x-kubernetes-validations"] ?? []).map((rule) => ({ ...rule, path })));
