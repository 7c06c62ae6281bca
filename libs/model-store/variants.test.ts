import { describe, expect, it } from "vitest";
import type { ModelManifest } from "./manifest.ts";
import { fileEntry } from "./testing/store-folders.ts";
import { chooseVariant, filesOf } from "./variants.ts";

const manifest: ModelManifest = {
  id: "tiny",
  format: "text",
  stage: "asr",
  roles: ["recognition"],
  languages: [],
  license: "MIT",
  origin: "https://example.org",
  description: "for tests",
  variants: [
    { name: "int8", precision: "int8", default: true, files: ["encoder", "decoder-small"] },
    { name: "mixed", precision: "int8", files: ["encoder", "decoder"] },
    { name: "fp32", precision: "fp32", files: ["encoder-large", "decoder"] },
  ],
  files: ["encoder", "decoder-small", "encoder-large", "decoder", "words"].map((path) => fileEntry(path, path)),
};

describe("the files of a variant", () => {
  it.each([
    [undefined, ["encoder", "decoder-small", "words"]],
    ["mixed", ["encoder", "decoder", "words"]],
    ["fp32", ["encoder-large", "decoder", "words"]],
  ])("%s are its own, shared or not, and those that no variant lists", (name, paths) => {
    expect(filesOf(manifest, chooseVariant(manifest, name)).map((file) => file.path)).toEqual(paths);
  });

  it("are all when there are no variants", () => {
    const plain = { ...manifest, variants: [] };
    expect(filesOf(plain, chooseVariant(plain, undefined))).toHaveLength(5);
  });
});
