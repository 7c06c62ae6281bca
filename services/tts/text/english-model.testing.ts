import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { isServiceError } from "@troupe/errors";
import { createModelStore, defaultCacheDir, type ResolvedModel } from "@troupe/model-store";

/** The installed English voice, or undefined where `make models` has not run. */
export async function findEnglishModel(): Promise<ResolvedModel | undefined> {
  const store = createModelStore({
    manifestDir: fileURLToPath(new URL("../../../models", import.meta.url)),
    cacheDir: defaultCacheDir(process.env, homedir()),
  });
  return store.resolve("hibari-en").catch((error) => {
    if (isServiceError(error, "MODEL_MISSING")) return undefined;
    throw error;
  });
}
