import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { goFolder, type Program } from "./program-table.ts";

/** Twelve hexadecimal digits that change with anything a program is built from: its entry in the table and its files. */
export async function programKey(program: Program): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify({ ...program, platform: process.platform, arch: process.arch }));
  if ("folder" in program.source) {
    const folder = join(goFolder, program.source.folder);
    for (const name of (await readdir(folder)).sort()) hash.update(`\0${name}\0`).update(await readFile(join(folder, name)));
  }
  return hash.digest("hex").slice(0, 12);
}
