export { type AsrConfig, asrConfig, createAsrService } from "./service.ts";
export { asrStage } from "./stage.ts";
