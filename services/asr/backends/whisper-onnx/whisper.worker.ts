import { serveExecutor } from "@troupe/executor";
import { SAMPLE_RATE_HZ } from "../transcribe-request.ts";
import { createRecogniser } from "./recogniser.ts";
import type { WhisperOptions } from "./whisper-options.ts";

serveExecutor(async (options: WhisperOptions) => {
  const recogniser = await createRecogniser(options);
  // The first run allocates; no speaker should wait for it.
  await recogniser.recognise([{ samples: new Float32Array(SAMPLE_RATE_HZ), interim: true, language: options.languages[0], hotWords: [] }]);
  return { ...recogniser };
});
