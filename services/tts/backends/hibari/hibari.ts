import { createExecutor } from "@troupe/executor";
import { prosodyOf } from "../../prosody/prosody.ts";
import { pronounce } from "../../text/pronunciations.ts";
import type { TtsBackend, Voice } from "../backend.ts";
import { checkClause, nothingToSay } from "../clause-check.ts";
import { backendFailure } from "../failure.ts";
import type { VoiceFormat, VoiceModelOptions } from "../voice-format.ts";
import type { HibariApi } from "./hibari.worker.ts";
import { findHibariFiles } from "./model-files.ts";
import { sampleRateHz } from "./signal-format.ts";

const voices: readonly Voice[] = [{ id: "heart", languages: ["en-US", "en"] }];

export const hibariFormat: VoiceFormat = { voices: () => voices, create: createHibariBackend };

const sliceBudgetMs = 10_000;

/**
 * American English by Hibari, a small network distilled from Kokoro (Apache-2.0). Reading, inference and signal processing run in
 * worker threads. Clauses of up to about 15 words are one slice, longer ones are spoken slice by slice. Resolves when every worker
 * has loaded.
 * @throws ServiceError MODEL_MISSING, MODEL_CORRUPT, BACKEND_FAILED
 */
export async function createHibariBackend({ model, threads = 1 }: VoiceModelOptions): Promise<TtsBackend> {
  const executor = createExecutor<HibariApi>({
    module: new URL("./hibari.worker.ts", import.meta.url),
    data: findHibariFiles(model),
    threads,
  });
  try {
    await executor.ready();
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw backendFailure("the voice could not be loaded", error);
  }

  return {
    name: "hibari",
    sampleRateHz,
    voices,
    async *synthesize(clause, { deadlineMs, signal }) {
      const checked = checkClause(clause, voices);
      const { text: written, pronunciations = [] } = checked;
      const prosody = prosodyOf(checked);
      // The deadline is the first slice's; the others are made while it plays.
      const run = (first: boolean) => ({
        deadlineMs: first ? deadlineMs : Math.max(deadlineMs, performance.now() + sliceBudgetMs),
        ...(signal && { signal }),
      });
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
