import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { ServiceError } from "@troupe/errors";
import type { Program } from "./program-table.ts";

const decompress = promisify(zstdDecompress);

/**
 * Unpacks `<name>.zst` of a folder of ready-built programs.
 * @returns false when the folder holds none of that name and version, so that it has to be built
 * @throws ServiceError BACKEND_FAILED when the copy is not what the folder's SHA256SUMS says
 */
export async function unpackCopy(program: Program, folder: string, target: string): Promise<boolean> {
  const name = `${program.name}.zst`;
  const expected = (await readSums(folder)).get(name);
  if (!expected) return false;
  const packed = await readFile(join(folder, name));
  const found = createHash("sha256").update(packed).digest("hex");
  if (found !== expected) {
    throw new ServiceError(
      "BACKEND_FAILED",
      `${join(folder, name)} has the sha256 ${found}, not ${expected}; unset TROUPE_TESTBED_BIN to build it`,
    );
  }
  const content = await decompress(packed);
  if (!isBuiltFrom(content, program)) return false;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.part`, content);
  await chmod(`${target}.part`, 0o755);
  await rename(`${target}.part`, target);
  return true;
}

/** Whether the build information that Go puts into a program names this module at this version. */
export function isBuiltFrom(content: Buffer, program: Pick<Program, "module" | "version">): boolean {
  return content.includes(`\t${program.module}\tv${program.version}\t`);
}

async function readSums(folder: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(folder, "SHA256SUMS"), "utf8").catch((error: unknown) => {
    throw new ServiceError("INVALID_CONFIG", `TROUPE_TESTBED_BIN: ${folder} holds no SHA256SUMS`, { cause: error });
  });
  const lines = text.split("\n").map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line));
  return new Map(lines.flatMap((match) => (match?.[1] && match[2] ? [[match[2], match[1]] as const] : [])));
}
