import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import { readSettings } from "./settings-file.ts";

const packsSchema = z.record(z.string().regex(/^[a-z0-9-]+$/), z.array(z.string().max(130)));

/** packs.json beside the models: pack → names of models, in the order of fetching. @throws ServiceError INVALID_CONFIG */
export async function readPacks(manifestDir: string): Promise<Readonly<Record<string, readonly string[]>>> {
  return (await readSettings(join(manifestDir, "packs.json"), packsSchema)) ?? {};
}

/** The models of several packs, each once. @throws ServiceError MODEL_UNKNOWN, INVALID_CONFIG */
export async function modelsOfPacks(manifestDir: string, names: readonly string[]): Promise<readonly string[]> {
  const packs = await readPacks(manifestDir);
  const unknown = names.find((name) => !Object.hasOwn(packs, name));
  if (unknown) throw new ServiceError("MODEL_UNKNOWN", `no pack ${unknown}; there are ${Object.keys(packs).join(", ")}`);
  return [...new Set(names.flatMap((name) => packs[name] ?? []))];
}
