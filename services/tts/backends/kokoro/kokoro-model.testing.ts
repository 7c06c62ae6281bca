import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir, type ResolvedModel } from "@troupe/model-store";

/** Kokoro with its voices. @throws ServiceError MODEL_MISSING where `make models` has not fetched it */
export async function findKokoroModel(): Promise<ResolvedModel> {
  const store = createModelStore({
    manifestDir: fileURLToPath(new URL("../../../../models", import.meta.url)),
    cacheDir: defaultCacheDir(process.env, homedir()),
  });
  return await store.resolve("kokoro");
}
