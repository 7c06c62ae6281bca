import { join } from "node:path";

/**
 * Where models are kept: TROUPE_CACHE_DIR, else ~/.cache/troupe.
 * @param env the process's environment, given by the composition root
 * @param homeDir absolute
 */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>>, homeDir: string): string {
  return env.TROUPE_CACHE_DIR || join(homeDir, ".cache", "troupe");
}

/** The folder that holds the files of one model. */
export function modelDir(cacheDir: string, id: string): string {
  return join(cacheDir, "models", id);
}
