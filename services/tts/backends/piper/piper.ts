import type { ResolvedModel } from "@troupe/model-store";
import type { TtsBackend, Voice } from "../backend.ts";
import { createEnglishBackend } from "../english/english-backend.ts";
import { englishTextFiles } from "../english/english-text-files.ts";
import type { VoiceFormat, VoiceModelOptions } from "../voice-format.ts";
import { readPiperConfig } from "./piper-config.ts";

/** Absolute paths: of the English text front end, the network with its durations as an output, and the voice's configuration. */
export type PiperFiles = Readonly<Record<string, string>>;

const piperFiles = [...englishTextFiles, "voice.onnx", "voice.onnx.json"];

/** A Piper voice has its model's id for a name. */
const voicesOf = ({ manifest }: ResolvedModel): readonly Voice[] => [{ id: manifest.id, languages: manifest.languages }];

export const piperFormat: VoiceFormat = { voices: voicesOf, create: createPiperBackend };

/**
 * An English voice in the format of Piper: a VITS network (Kim, Kong & Son, 2021) over espeak-ng's IPA, which our own lexicons give, so
 * that no program is needed. It speaks without sampling noise, the same clause always the same way, at 24 kHz.
 * @throws ServiceError MODEL_MISSING, MODEL_CORRUPT, LANGUAGE_UNSUPPORTED, BACKEND_FAILED
 */
export async function createPiperBackend({ model, threads = 1 }: VoiceModelOptions): Promise<TtsBackend> {
  readPiperConfig(model.file("voice.onnx.json"));
  const data: PiperFiles = Object.fromEntries(piperFiles.map((name) => [name, model.file(name)]));
  const module = new URL("./piper.worker.ts", import.meta.url);
  return await createEnglishBackend({ name: model.manifest.id, voices: voicesOf(model), module, data, threads });
}
