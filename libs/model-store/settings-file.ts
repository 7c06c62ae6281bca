import { readFile, stat } from "node:fs/promises";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

const MAX_BYTES = 1 << 20;

/** A small JSON file beside the models; undefined when there is none. @throws ServiceError INVALID_CONFIG */
export async function readSettings<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new ServiceError("INVALID_CONFIG", `${path}: ${reason}`, { cause: error });
  }
}
