import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { createResampler, floatToPcm16, readWav, writeWav } from "@troupe/audio";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { type LoadedVoices, loadVoices } from "@troupe/tts/backends";

export type Language = "en" | "zh";

/** A sentence and the voice that says it; never the avatar's. */
export interface Line {
  readonly text: string;
  readonly language: Language;
  readonly voice: string;
}

export interface SpokenLine extends Line {
  /** Mono, `materialRateHz`, its loudest 400 ms at -23 dB. */
  readonly samples: Float32Array;
}

export const materialRateHz = 24_000;
/** People's voices: Piper's joe and Kokoro's; the avatar speaks with Hibari's heart and Kokoro's zf_xiaoxiao. */
export const voices: Readonly<Record<Language, readonly string[]>> = {
  en: ["piper-joe", "am_michael", "bf_emma", "af_sarah"],
  zh: ["zm_yunxi", "zf_xiaoyi", "zm_yunjian"],
};
const voiceModels = ["kokoro", "piper-joe"];
const root = join(import.meta.dirname, "../../..");
const speechDb = -23;
const loudestS = 0.4;
const patienceMs = 120_000;

/** Lines said by the voices in turn. */
export function linesOf(texts: readonly string[], language: Language): readonly Line[] {
  const choice = voices[language];
  return texts.map((text, n) => ({ text, language, voice: choice[n % choice.length] as string }));
}

/** Says the lines, or takes them from the cache: a voice may take as long as the sound lasts. @param onSpoken called for each that was made */
export async function speakLines(lines: readonly Line[], onSpoken: (line: Line) => void = () => undefined): Promise<readonly SpokenLine[]> {
  const cacheDir = defaultCacheDir(process.env, homedir());
  const folder = join(cacheDir, "datasets", "live-material");
  await mkdir(folder, { recursive: true });
  let loaded: LoadedVoices | undefined;
  const open = async () => {
    const store = createModelStore({ manifestDir: join(root, "models"), cacheDir });
    loaded ??= await loadVoices({ store, models: voiceModels, allowMissing: false, preload: false, threads: 2, warn: () => undefined });
    return loaded;
  };
  try {
    const spoken: SpokenLine[] = [];
    for (const line of lines) {
      const path = join(folder, `${keyOf(line)}.wav`);
      const kept = await readFile(path).catch(() => undefined);
      if (!kept) {
        await writeFile(`${path}.part`, writeWav(floatToPcm16(await synthesize(await open(), line)), materialRateHz));
        await rename(`${path}.part`, path);
        onSpoken(line);
      }
      spoken.push({ ...line, samples: levelled(readWav(kept ?? (await readFile(path))).samples) });
    }
    return spoken;
  } finally {
    await loaded?.backend[Symbol.asyncDispose]();
  }
}

const keyOf = ({ text, voice }: Line) => createHash("sha256").update(`${voice}\n${text}`).digest("hex").slice(0, 24);

async function synthesize({ backend }: LoadedVoices, { text, language, voice }: Line): Promise<Float32Array> {
  const slices: Float32Array[] = [];
  const options = { deadlineMs: performance.now() + patienceMs };
  for await (const { samples } of backend.synthesize({ text, language, voice, rate: 1 }, options)) slices.push(samples);
  using resampler = await createResampler({ fromHz: backend.sampleRateHz, toHz: materialRateHz });
  return joined([...slices.map((slice) => resampler.push(slice)), resampler.flush()]);
}

/** So that every voice is as loud as a person before a microphone. */
function levelled(samples: Float32Array): Float32Array {
  const size = Math.round(loudestS * materialRateHz);
  let loudest = 0;
  for (let from = 0; from < samples.length; from += size / 4) {
    const part = samples.subarray(from, from + size);
    loudest = Math.max(loudest, part.reduce((sum, value) => sum + value * value, 0) / size);
  }
  const gain = 10 ** (speechDb / 20) / Math.max(1e-6, Math.sqrt(loudest));
  return samples.map((value) => Math.max(-1, Math.min(1, value * gain)));
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
