import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
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

  it.each(manifests)("$id brings the files of this repository that its manifest names", async ({ id, files, conversionInputs = [] }) => {
    const own = [...files, ...conversionInputs].flatMap(({ path, sha256, sources }) =>
      sources.flatMap((source) => (source.kind === "file" ? [{ path, sha256, at: join(manifestDir, id, source.path) }] : [])),
    );
    const found = await Promise.all(
      own.map(async ({ at }) =>
        createHash("sha256")
          .update(await readFile(at))
          .digest("hex"),
      ),
    );
    expect(own.filter(({ sha256 }, index) => sha256 !== found[index]).map(({ path }) => path)).toEqual([]);
  });

  it.each(manifests)("$id says what goes into and comes out of its graphs", ({ files, tensors }) => {
    const graphs = files.map(({ path }) => path).filter((path) => path.endsWith(".onnx"));
    expect(Object.keys(tensors ?? {}).toSorted()).toEqual(graphs.toSorted());
  });
});
