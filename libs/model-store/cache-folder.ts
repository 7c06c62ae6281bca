import { join } from "node:path";

/**
 * Where models are kept: TROUPE_CACHE_DIR, else ~/.cache/troupe.
 * @param env the process's environment, given by the composition root
 * @param homeDir absolute
 */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>>, homeDir: string): string {
  return env.TROUPE_CACHE_DIR || join(homeDir, ".cache", "troupe");
}

/** The folders of a cache. A removed one is made again; only `models` is read when a model is loaded. */
export interface CacheFolders {
  /** `<id>/<path>`: hard links to blobs. */
  readonly models: string;
  /** Each file once, named by its sha256. */
  readonly blobs: string;
  /** `<id>/<sha256>`: what of an interrupted download is there. */
  readonly partials: string;
  /** `<id>/pull-*`: what a pull needs while it runs. */
  readonly work: string;
  readonly locks: string;
  /** Python packages of the conversions, by their requirements. */
  readonly python: string;
}

export function cacheFolders(cacheDir: string): CacheFolders {
  return {
    models: join(cacheDir, "models"),
    blobs: join(cacheDir, "blobs", "sha256"),
    partials: join(cacheDir, "partials"),
    work: join(cacheDir, "work"),
    locks: join(cacheDir, "locks"),
    python: join(cacheDir, "python"),
  };
}
