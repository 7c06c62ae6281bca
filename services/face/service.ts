import { ServiceError } from "@troupe/errors";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import type { z } from "zod";
import type { FaceBackend } from "./backends/backend.ts";
import { faceStage } from "./stage.ts";

export const faceConfig = platformConfig;
export type FaceConfig = z.infer<typeof faceConfig>;

export const createFaceService: StageServiceFactory<FaceConfig> = async (config) => {
  const backend = await createBackend(config);
  return { stage: faceStage(backend), models: [backend.name], languages: [], [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() };
};

async function createBackend(config: FaceConfig): Promise<FaceBackend> {
  switch (config.backend || "phones") {
    case "phones":
      return (await import("./backends/phones/phones.ts")).createPhonesBackend();
    case "stub":
      return (await import("./backends/stub.ts")).createStubBackend();
    default:
      throw new ServiceError("INVALID_CONFIG", `backend: face has phones and stub, not "${config.backend}"`);
  }
}
