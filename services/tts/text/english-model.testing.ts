import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir, type ResolvedModel } from "@troupe/model-store";

/** The English voice. @throws ServiceError MODEL_MISSING where `make models` has not run */
export async function findEnglishModel(): Promise<ResolvedModel> {
  const store = createModelStore({
    manifestDir: fileURLToPath(new URL("../../../models", import.meta.url)),
    cacheDir: defaultCacheDir(process.env, homedir()),
  });
  return await store.resolve("hibari-en");
}
