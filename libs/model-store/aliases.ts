import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import { modelIdPattern } from "./manifest-schema.ts";
import { readSettings } from "./settings-file.ts";

/** Which model, and which of its variants; undefined for the default. */
export interface ModelName {
  readonly id: string;
  readonly variant: string | undefined;
}

const aliasesSchema = z.record(z.string().regex(modelIdPattern), z.string().max(130));

/** aliases.json beside the models: alias → `id` or `id:variant`. Empty when there is no such file. @throws ServiceError INVALID_CONFIG */
export async function readAliases(manifestDir: string): Promise<Readonly<Record<string, string>>> {
  return (await readSettings(join(manifestDir, "aliases.json"), aliasesSchema)) ?? {};
}

/**
 * Follows an alias. Aliases are read anew each time, so that a changed one counts from the next call on.
 * @param name an id, an alias, or one of both with `:variant`
 * @throws ServiceError INVALID_CONFIG when aliases.json is unreadable or an alias names an alias
 */
export async function resolveName(manifestDir: string, name: string): Promise<ModelName> {
  const aliases = await readAliases(manifestDir);
  const asked = parseName(name);
  const target = Object.hasOwn(aliases, asked.id) ? aliases[asked.id] : undefined;
  if (target === undefined) return asked;
  const found = parseName(target);
  if (Object.hasOwn(aliases, found.id)) {
    throw new ServiceError("INVALID_CONFIG", `aliases.json: ${asked.id} is an alias of ${found.id}, which is an alias itself`);
  }
  return { id: found.id, variant: asked.variant ?? found.variant };
}

function parseName(name: string): ModelName {
  const [id = "", variant] = name.split(":", 2);
  return { id, variant };
}
