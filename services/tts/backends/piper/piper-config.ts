import { readFileSync } from "node:fs";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

/** What the .onnx.json beside a Piper voice holds, as far as speaking needs it. */
export type PiperConfig = z.infer<typeof configSchema>;

const configSchema = z.object({
  audio: z.object({ sample_rate: z.int().min(8_000).max(48_000) }),
  espeak: z.object({ voice: z.string() }),
  inference: z.object({ length_scale: z.number().positive() }),
  phoneme_type: z.string().default("espeak"),
  num_speakers: z.int().default(1),
  phoneme_id_map: z.record(z.string(), z.array(z.int().min(0)).min(1)),
});

/** @throws ServiceError MODEL_CORRUPT, and LANGUAGE_UNSUPPORTED for a voice whose phones no text front end here gives */
export function readPiperConfig(path: string): PiperConfig {
  const result = configSchema.safeParse(parse(path));
  if (!result.success)
    throw new ServiceError("MODEL_CORRUPT", `${path} is no configuration of a Piper voice: ${z.prettifyError(result.error)}`);
  const { espeak, phoneme_type } = result.data;
  if (!/^en(?:-|$)/.test(espeak.voice) || phoneme_type !== "espeak")
    throw new ServiceError(
      "LANGUAGE_UNSUPPORTED",
      `a Piper voice for ${espeak.voice} (${phoneme_type} phones): only English text can be read as phones for Piper voices; another language needs a text front end that gives espeak-ng's IPA for it`,
    );
  return result.data;
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
