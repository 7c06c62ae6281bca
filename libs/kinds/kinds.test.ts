import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type PlacedSchema, readCrds, schemasOf } from "../../tools/kinds/crd.ts";
import { conditionTypes, kinds, stageNames } from "./index.ts";

const crds = await readCrds(join(import.meta.dirname, "../.."));
const fields = crds.flatMap((crd) => [...schemasOf(crd.schema)].map((placed) => ({ ...placed, kind: crd.kind })));

/** Which bound a schema lacks; none for objects and booleans, which have none to give. */
function missingBound({ schema }: PlacedSchema): string | undefined {
  if (schema.enum) return undefined;
  if (schema["x-kubernetes-int-or-string"]) return schema.maxLength && schema.pattern ? undefined : "maxLength and pattern";
  switch (schema.type) {
    case "string":
      return schema.maxLength === undefined ? "maxLength" : undefined;
    case "integer":
      return schema.minimum === undefined || schema.maximum === undefined ? "minimum and maximum" : undefined;
    case "array":
      return schema.maxItems === undefined || !schema["x-kubernetes-list-type"] ? "maxItems and list type" : undefined;
    case "object":
      return schema.additionalProperties && schema.maxProperties === undefined ? "maxProperties" : undefined;
    default:
      return schema.type === "boolean" ? undefined : "type";
  }
}

describe("every field of every kind", () => {
  it("is bounded", () => {
    const bare = fields.flatMap((field) => (missingBound(field) ? [`${field.kind} ${field.path}: ${missingBound(field)}`] : []));
    expect(fields.length).toBeGreaterThan(200);
    expect(bare).toEqual([]);
  });

  it("is described", () => {
    const bare = fields.filter(({ schema, path }) => !schema.description && !path.endsWith(".*"));
    expect(bare.map(({ kind, path }) => `${kind} ${path}`)).toEqual([]);
  });

  it("has a rule with a message wherever it has a rule", () => {
    const rules = fields.flatMap(({ schema }) => schema["x-kubernetes-validations"] ?? []);
    expect(rules.filter(({ message }) => !message)).toEqual([]);
  });

  it("names the stages there are, where it names stages", () => {
    const enums = fields.flatMap(({ schema }) => (schema.enum?.includes("asr") ? [schema.enum] : []));
    expect(new Set(enums.map((values) => values.join()))).toEqual(new Set([stageNames.join()]));
  });
});

describe("the constants", () => {
  it.each(crds)("say where $kind is", ({ kind, plural, scope }) => {
    const found = Object.values(kinds).find((one) => one.kind === kind);
    expect(found).toEqual({ apiVersion: "troupe.dev/v1alpha1", kind, plural, namespaced: scope === "Namespaced" });
  });

  it.each(crds)("list the conditions that $kind describes", ({ kind, schema }) => {
    const text = schema.properties?.status?.properties?.conditions?.description ?? "";
    const described = [...text.matchAll(/\b[A-Z][a-z]+(?:[A-Z][a-z]+)?\b/gu)]
      .map(([word]) => word)
      .filter((word) => !/^(What|Types|The|Pod)$/.test(word));
    const known: readonly string[] = conditionTypes[kind as keyof typeof conditionTypes];
    expect(known.filter((type) => !described.includes(type))).toEqual([]);
  });
});
