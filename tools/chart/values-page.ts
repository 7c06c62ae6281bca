import { z } from "zod";
import { markdownTable } from "../docs/markdown-table.ts";
import { chartValues } from "./values.ts";

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** JSON Schema that Helm checks values against. */
export const valuesSchema = (): string => `${JSON.stringify(z.toJSONSchema(chartValues, { target: "draft-7" }), null, 2)}\n`;

/** Every value with its default and meaning. @param defaults values.yaml, parsed */
export function valuesTable(defaults: unknown): string {
  const schema = z.toJSONSchema(chartValues, { target: "draft-7" }) as JsonSchema;
  const rows = [...leaves(schema, defaults, "")].map(({ path, value, meaning }) => [`\`${path}\``, shown(value), meaning]);
  return markdownTable(["value", "default", "meaning"], rows);
}

interface Leaf {
  readonly path: string;
  readonly value: unknown;
  readonly meaning: string;
}

function* leaves(schema: JsonSchema, value: unknown, path: string): Generator<Leaf> {
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const at = path === "" ? name : `${path}.${name}`;
    const own = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
    if (own === undefined) continue;
    const nested = inner.properties && !["resources"].includes(name);
    if (nested) yield* leaves(inner, own, at);
    else
      yield { path: at, value: own, meaning: inner.description ?? (name === "resources" ? "requests and limits of its containers" : "") };
  }
}

const shown = (value: unknown) => (value === "" ? "empty" : `\`${JSON.stringify(value)}\``);
