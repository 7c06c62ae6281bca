import { createExecutor } from "@troupe/executor";
import { prosodyOf } from "../../prosody/prosody.ts";
import type { TtsBackend } from "../backend.ts";
import { checkClause, nothingToSay } from "../clause-check.ts";
import { backendFailure } from "../failure.ts";
import { sliceDeadlineMs } from "../slice-deadline.ts";
import type { VoiceFormat, VoiceModelOptions } from "../voice-format.ts";
import type { KokoroApi, WorkerData } from "./kokoro.worker.ts";
import { findKokoroFiles, kokoroVoices, type VoiceFiles } from "./model-files.ts";
import { speakRun } from "./run-speech.ts";
import { sampleRateHz } from "./signal-format.ts";
import { sliceLimits } from "./slice-limits.ts";
import type { SliceLimits } from "./slice-plan.ts";

export interface KokoroOptions extends VoiceModelOptions {
  /** Threads inside one run of a graph. Default 1. */
  readonly runThreads?: number;
}

export const kokoroFormat: VoiceFormat = { voices: kokoroVoices, create: createKokoroBackend };

/**
 * Voices of the Kokoro format (StyleTTS 2 with an iSTFTNet decoder): Mandarin with English words in it, American and British English.
 * A run of the clause is planned as a whole and sounded slice by slice, so that sound comes early and a cancelled run is short; how
 * long a slice may be hangs on what a frame costs, which is measured when the model is loaded. Resolves when every worker has loaded.
 * @throws ServiceError MODEL_MISSING, MODEL_CORRUPT, INVALID_CONFIG, BACKEND_FAILED
 */
export async function createKokoroBackend({ model, threads = 1, runThreads = 1 }: KokoroOptions): Promise<TtsBackend> {
  const files = findKokoroFiles(model);
  const data: WorkerData = { files, runThreads };
  const executor = createExecutor<KokoroApi>({ module: new URL("./kokoro.worker.ts", import.meta.url), data, threads });
  const attempt = <T>(job: Promise<T>) => job.catch((error) => Promise.reject(backendFailure("the voice failed", error)));
  let limits: SliceLimits;
  try {
    await executor.ready();
    limits = sliceLimits(await executor.run("measure", undefined, { deadlineMs: Number.POSITIVE_INFINITY }));
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw backendFailure("the voice could not be loaded", error);
  }

  return {
    name: model.manifest.id,
    sampleRateHz,
    voices: files.voices.map(({ id, languages }) => ({ id, languages })),
    async *synthesize(request, { deadlineMs, signal }) {
      const clause = checkClause(request, files.voices);
      const prosody = prosodyOf(clause);
      const { languages } = files.voices.find(({ id }) => id === clause.voice) as VoiceFiles;
      let offset = 0;
      const run = () => ({ deadlineMs: sliceDeadlineMs(deadlineMs, offset === 0), ...(signal && { signal }) });
      const { runs, words } = await attempt(
        executor.run("read", { text: clause.text, languages, pronunciations: clause.pronunciations ?? [] }, run()),
      );
      if (runs.length === 0) throw nothingToSay();
      for (const speechRun of runs) {
        const plan = await attempt(executor.run("plan", { run: speechRun, voice: clause.voice, prosody }, run()));
        const speech = { run: speechRun, plan, words, rate: prosody.rate, offset };
        const slices = speakRun(speech, limits, (window) => {
          const job = { window, voice: clause.voice, symbols: speechRun.symbols.length, prosody };
          return attempt(executor.run("sound", job, run()));
        });
        for await (const slice of slices) {
          offset += slice.samples.length;
          yield slice;
        }
      }
    },
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}
