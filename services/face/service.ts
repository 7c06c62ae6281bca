import { ServiceError } from "@troupe/errors";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import { z } from "zod";
import type { FaceBackend } from "./backends/backend.ts";
import { faceStage } from "./stage.ts";

export const faceConfig = platformConfig.extend({
  faceBackend: z.string().default("phones").describe("phones, stub"),
});
export type FaceConfig = z.infer<typeof faceConfig>;

export const createFaceService: StageServiceFactory<FaceConfig> = async (config) => {
  const backend = await createBackend(config);
  return { stage: faceStage(backend), models: [backend.name], languages: [], [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() };
};

async function createBackend(config: FaceConfig): Promise<FaceBackend> {
  switch (config.faceBackend) {
    case "phones":
      return (await import("./backends/phones/phones.ts")).createPhonesBackend();
    case "stub":
      return (await import("./backends/stub.ts")).createStubBackend();
    default:
      throw new ServiceError("INVALID_CONFIG", `faceBackend: face has phones and stub, not "${config.faceBackend}"`);
  }
}
