import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";

/** Source files that `index.ts` reaches, with their text. */
async function reached(file: URL, seen = new Map<string, string>()): Promise<ReadonlyMap<string, string>> {
  if (seen.has(file.href)) return seen;
  const text = await readFile(file, "utf8");
  seen.set(file.href, text);
  for (const [, path] of text.matchAll(/from "(\.[^"]+)"/g)) await reached(new URL(path as string, file), seen);
  return seen;
}

it("runs in a browser: nothing that the package shows imports a module of Node or of a native library", async () => {
  const sources = await reached(new URL("index.ts", import.meta.url));
  const all = (await readdir(new URL("renderers/", import.meta.url))).filter((name) => !name.endsWith(".test.ts"));
  expect(sources.size).toBeGreaterThan(all.length);
  const allowed = ["@bufbuild/protobuf", "@troupe/contracts", "@troupe/errors", "@troupe/timeline", "zod"];
  const outside = [...sources.values()].flatMap((text) => [...text.matchAll(/from "([^."][^"]*)"/g)].map((match) => match[1] as string));
  expect(outside.filter((name) => !allowed.includes(name))).toEqual([]);
});
