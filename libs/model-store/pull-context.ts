import type { ModelManifest } from "./manifest.ts";
import type { PullEvent } from "./pull-event.ts";
import type { Environment } from "./run-program.ts";

/** What the pull of one model hands to its sources. */
export interface PullContext {
  readonly manifest: ModelManifest;
  /** Where the manifest, its recipes and its own files lie. */
  readonly sourceDir: string;
  readonly cacheDir: string;
  /** Of this pull alone; removed at its end, or by the next pull of the model when this one is killed. */
  readonly workDir: string;
  /** Folders outside of the manifest's from which `file` sources may be read. */
  readonly fileRoots: readonly string[];
  /** See PullOptions. */
  readonly mirrors: readonly string[];
  /** Whether conversions may run: their code is not covered by a manifest's signature. */
  readonly runsRecipes: boolean;
  /** For python3, pip, npm and proxies. */
  readonly env: Environment;
  readonly signal: AbortSignal | undefined;
  report(event: PullEvent): void;
}
