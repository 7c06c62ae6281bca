import { fileURLToPath } from "node:url";
import { createModelStore, pullModels, type ResolvedModel } from "@troupe/model-store";

/** The network as a platform gets it; its weights lie beside the manifest, so that nothing is fetched. */
export async function pullMouthNet(cacheDir: string): Promise<ResolvedModel> {
  const manifestDir = fileURLToPath(new URL("../../../../models", import.meta.url));
  await pullModels({ manifestDir, cacheDir, env: process.env, names: ["mouth-net"] });
  return await createModelStore({ manifestDir, cacheDir }).resolve("mouth-net");
}
