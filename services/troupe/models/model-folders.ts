import { homedir } from "node:os";
import { join } from "node:path";
import { defaultCacheDir } from "@troupe/model-store";
import type { Command } from "commander";
import { root } from "../places.ts";

export interface ModelFolders {
  readonly manifests: string;
  readonly cache: string;
}

/** The options that every command about models has. */
export function withFolders(command: Command): Command {
  return command
    .option("--manifests <folder>", "of <id>/manifest.json, aliases.json, packs.json and policy.json", join(root, "models"))
    .option("--cache <folder>", "where models are kept (TROUPE_CACHE_DIR)", defaultCacheDir(process.env, homedir()));
}
