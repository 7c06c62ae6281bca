import { serveExecutor } from "@troupe/executor";
import { createRecogniser, type WhisperOptions } from "./recogniser.ts";

serveExecutor(async (options: WhisperOptions) => ({ recognise: await createRecogniser(options) }));
