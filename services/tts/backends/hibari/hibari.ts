import type { TtsBackend, Voice } from "../backend.ts";
import { createEnglishBackend } from "../english/english-backend.ts";
import type { VoiceFormat, VoiceModelOptions } from "../voice-format.ts";
import { findHibariFiles } from "./model-files.ts";

const voices: readonly Voice[] = [{ id: "heart", languages: ["en-US", "en"] }];

export const hibariFormat: VoiceFormat = { voices: () => voices, create: createHibariBackend };

/**
 * American English by Hibari, a small network distilled from Kokoro (Apache-2.0), and our vocoder. A worker holds the model and its
 * dictionaries (about 250 MB). Clauses of up to about 15 words are one slice.
 * @throws ServiceError MODEL_MISSING, MODEL_CORRUPT, BACKEND_FAILED
 */
export async function createHibariBackend({ model, threads = 1 }: VoiceModelOptions): Promise<TtsBackend> {
  const module = new URL("./hibari.worker.ts", import.meta.url);
  return await createEnglishBackend({ name: "hibari", voices, module, data: findHibariFiles(model), threads });
}
