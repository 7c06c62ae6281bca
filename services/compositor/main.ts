import { readConfig, runStageService } from "@troupe/service";
import { compositorConfig, createCompositorService } from "./service.ts";

await runStageService("compositor", readConfig(compositorConfig, process.env), createCompositorService);
