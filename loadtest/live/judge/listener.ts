import { homedir } from "node:os";
import { join } from "node:path";
import { type AsrBackend, createWhisperBackend } from "@troupe/asr/backends";
import { createResampler } from "@troupe/audio";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { joined, type Language } from "../material/spoken-material.ts";

const asrRateHz = 16_000;
const patienceMs = 120_000;
const longestS = 30;

/** Writes down what a recording says; the same recogniser that the platform uses, on the sound that the person heard. */
export interface Listener extends AsyncDisposable {
  hear(sound: { readonly samples: Float32Array; readonly rateHz: number }, language: Language): Promise<string>;
}

export async function createListener(): Promise<Listener> {
  const store = createModelStore({
    manifestDir: join(import.meta.dirname, "../../../models"),
    cacheDir: defaultCacheDir(process.env, homedir()),
  });
  const asr: AsrBackend = await createWhisperBackend({ model: await store.resolve("whisper-base"), languages: ["en", "zh"] });
  return {
    async hear({ samples, rateHz }, language) {
      if (samples.length < 0.15 * rateHz) return "";
      using resampler = await createResampler({ fromHz: Math.round(rateHz), toHz: asrRateHz });
      const sound = joined([resampler.push(samples), resampler.flush()]).subarray(0, longestS * asrRateHz);
      const { text } = await asr.transcribe(sound, { language, interim: false, deadlineMs: performance.now() + patienceMs });
      return text;
    },
    [Symbol.asyncDispose]: () => asr[Symbol.asyncDispose](),
  };
}
