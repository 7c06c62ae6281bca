import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kinds, stageNames } from "@troupe/kinds";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readManifests } from "./model-objects.ts";
import { chartValues } from "./values.ts";

const root = join(import.meta.dirname, "../..");
const chart = join(root, "charts/troupe");
const read = (name: string) => readFileSync(join(chart, name), "utf8");
const values = parse(read("values.yaml"));

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** Paths of all values that the schema names, without what it leaves open. */
function* pathsOf(schema: JsonSchema, path = ""): Generator<string> {
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    yield `${path}${name}`;
    yield* pathsOf(inner, `${path}${name}.`);
  }
}

describe("the chart's values", () => {
  it("fit their schema as they are", () => {
    expect(chartValues.safeParse(values).error).toBeUndefined();
  });

  it("are all there, so that the table of the README lists them all", () => {
    const at = (path: string) => path.split(".").reduce((value, name) => value?.[name], values);
    const absent = [...pathsOf(z.toJSONSchema(chartValues) as JsonSchema)].filter((path) => at(path) === undefined);
    expect(absent.filter((path) => !/^global|\.resources\.(requests|limits)$/.test(path))).toEqual([]);
    expect(read("README.md")).toContain("`gateway.rtc.publicAddress`");
  });
});

describe("the chart's objects", () => {
  const models = JSON.parse(read("files/models.json")) as { name: string; spec: { stage: string } }[];
  const pipeline = JSON.parse(read("files/pipeline.json")) as { stage: string; models: { model: string }[] }[];

  it("serve each stage by Models of that stage", () => {
    expect(pipeline.map(({ stage }) => stage)).toEqual([...stageNames]);
    for (const { stage, models: named } of pipeline)
      expect(named.map(({ model }) => models.find(({ name }) => name === model)?.spec.stage)).toEqual(named.map(() => stage));
  });

  it("have Models of all manifests but those that need other programs or serve no stage", async () => {
    const ids = (await readManifests(root)).map(({ id }) => id);
    expect(ids.filter((id) => !models.some(({ name }) => name === id))).toEqual(["minilm-en", "silero-vad", "smollm2"]);
  });

  it("are of kinds that there are", () => {
    const named = ["platform", "models", "pipeline"].flatMap((name) =>
      [...read(`templates/objects/${name}.yaml`).matchAll(/^kind: (\w+)$/gmu)].map(([, kind]) => kind),
    );
    expect(named.length).toBe(5);
    expect(named.filter((kind) => !Object.values(kinds).some((one) => one.kind === kind))).toEqual([]);
  });
});
