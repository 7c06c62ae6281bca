import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ServiceError } from "@troupe/errors";

const root = join(import.meta.dirname, "../..");

/** Absolute path of a program that `make tools` installs. @throws ServiceError TOOL_MISSING with the install line */
export function toolPath(name: string): string {
  const folders = [
    join(root, ".tools/py/bin"),
    join(root, ".tools/bin"),
    join(root, "node_modules/.bin"),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  for (const folder of folders) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  throw new ServiceError("TOOL_MISSING", `${name} is not installed; run: make tools`, { metadata: { tool: name } });
}
