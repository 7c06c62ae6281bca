import { readConfig, runStageService } from "@troupe/service";
import { createFaceService, faceConfig } from "./service.ts";

await runStageService("face", readConfig(faceConfig, process.env), createFaceService);
