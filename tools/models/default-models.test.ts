import { join } from "node:path";
import { listManifests, readAliases, readManifest, readPacks } from "@troupe/model-store";
import { describe, expect, it } from "vitest";
import { root } from "../docs/generated-docs.ts";

const manifestDir = join(root, "models");
const manifests = await Promise.all((await listManifests(manifestDir)).map((id) => readManifest(manifestDir, id)));
const ids = manifests.map(({ id }) => id);
const packs = await readPacks(manifestDir);
const idOf = (name: string) => name.split(":", 1)[0] ?? "";

describe("the models of this repository", () => {
  it("are each in one pack, and packs name no others", () => {
    expect(Object.values(packs).flat().map(idOf).toSorted()).toEqual(ids);
  });

  it("have aliases that lead to them", async () => {
    expect(Object.values(await readAliases(manifestDir)).filter((name) => !ids.includes(idOf(name)))).toEqual([]);
  });

  it.each(manifests)("$id says what goes into and comes out of its graphs", ({ files, tensors }) => {
    const graphs = files.map(({ path }) => path).filter((path) => path.endsWith(".onnx"));
    expect(Object.keys(tensors ?? {}).toSorted()).toEqual(graphs.toSorted());
  });
});
