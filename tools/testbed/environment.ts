import { homedir } from "node:os";
import { defaultCacheDir } from "@troupe/model-store";

/** Where the test bed finds and keeps its programs. */
export interface TestbedEnvironment {
  /** TROUPE_CACHE_DIR, else ~/.cache/troupe */
  readonly cacheDir: string;
  /** TROUPE_TESTBED_BIN: ready-built copies, `<name>.zst` beside SHA256SUMS. */
  readonly readyBuiltDir?: string | undefined;
}

export function testbedEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): TestbedEnvironment {
  return { cacheDir: defaultCacheDir(env, homedir()), readyBuiltDir: env.TROUPE_TESTBED_BIN || undefined };
}
