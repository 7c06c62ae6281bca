import { createExecutor } from "@troupe/executor";
import { prosodyOf } from "../../prosody/prosody.ts";
import { pronounce } from "../../text/pronunciations.ts";
import type { TtsBackend, Voice } from "../backend.ts";
import { checkClause, nothingToSay } from "../clause-check.ts";
import { backendFailure } from "../failure.ts";
import { sliceDeadlineMs } from "../slice-deadline.ts";
import { voiceSampleRateHz } from "../voice-format.ts";
import type { EnglishVoiceApi } from "./english-voice.ts";

export interface EnglishBackendOptions {
  readonly name: string;
  readonly voices: readonly Voice[];
  /** The worker, which serves EnglishVoiceApi, and its data. */
  readonly module: URL;
  readonly data: unknown;
  readonly threads: number;
}

/**
 * English by a network that speaks runs of phones. Reading, inference and signal processing run in worker threads. A clause that fits
 * into one run is one slice, longer ones are spoken slice by slice. Resolves when every worker has loaded.
 * @throws ServiceError BACKEND_FAILED
 */
export async function createEnglishBackend({ name, voices, module, data, threads }: EnglishBackendOptions): Promise<TtsBackend> {
  const executor = createExecutor<EnglishVoiceApi>({ module, data, threads });
  try {
    await executor.ready();
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw backendFailure("the voice could not be loaded", error);
  }

  return {
    name,
    sampleRateHz: voiceSampleRateHz,
    voices,
    async *synthesize(clause, { deadlineMs, signal }) {
      const checked = checkClause(clause, voices);
      const { text: written, pronunciations = [] } = checked;
      const prosody = prosodyOf(checked);
      const run = (isFirst: boolean) => ({ deadlineMs: sliceDeadlineMs(deadlineMs, isFirst), ...(signal && { signal }) });
      const attempt = <T>(job: Promise<T>) => job.catch((error) => Promise.reject(backendFailure("the voice failed", error)));
      const { runs, words } = await attempt(executor.run("read", { written, ...pronounce(written, pronunciations) }, run(true)));
      if (runs.length === 0) throw nothingToSay();
      let offset = 0;
      for (const part of runs) {
        const slice = await attempt(executor.run("speak", { run: part, words, prosody, offset }, run(offset === 0)));
        offset += slice.samples.length;
        yield slice;
      }
    },
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}
