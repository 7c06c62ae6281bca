import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PageBundle, PageFile } from "./bundle.ts";

/** Beside this file in an image; a checkout bundles at each start, so that what is served is what is there. */
const builtFile = join(import.meta.dirname, "page.json");

interface Built {
  readonly html: string;
  readonly client: BuiltFile;
  readonly files: Readonly<Record<string, BuiltFile>>;
}

interface BuiltFile {
  readonly type: string;
  readonly base64: string;
}

/** The page as it was bundled for this image, or else bundled now. */
export async function loadPage(file = builtFile): Promise<PageBundle> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (text === undefined) return await (await import("./bundle.ts")).bundlePage();
  const { html, client, files } = JSON.parse(text) as Built;
  return { html, client: unpacked(client), files: new Map(Object.entries(files).map(([path, file]) => [path, unpacked(file)])) };
}

/** @param file of an image that is laid out: `page.json` beside this file there */
export async function writePage({ html, client, files }: PageBundle, file: string): Promise<void> {
  const built: Built = { html, client: packed(client), files: Object.fromEntries([...files].map(([path, one]) => [path, packed(one)])) };
  await writeFile(file, JSON.stringify(built));
}

const packed = ({ type, body }: PageFile): BuiltFile => ({ type, base64: body.toString("base64") });
const unpacked = ({ type, base64 }: BuiltFile): PageFile => ({ type, body: Buffer.from(base64, "base64") });
