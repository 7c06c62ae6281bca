import { readConfig, runStageService } from "@troupe/service";
import { asrConfig, createAsrService } from "./service.ts";

await runStageService("asr", readConfig(asrConfig, process.env), createAsrService);
