import { readFileSync } from "node:fs";
import { serveExecutor } from "@troupe/executor";
import * as ort from "onnxruntime-node";
import { neutralProsody } from "../../prosody/prosody.ts";
import { createGraphemeToPhoneme } from "../../text/grapheme-to-phoneme.ts";
import { readLanguageData } from "../../text/language-data.ts";
import { createNormalizer } from "../../text/normalize.ts";
import { createWordGuesser } from "../../text/oov-network.ts";
import type { PronouncedText } from "../../text/pronunciations.ts";
import type { SynthesizedSlice } from "../backend.ts";
import type { HibariFiles } from "./model-files.ts";
import { hopSamples, sampleRateHz, unvoicedBelowHz } from "./signal-format.ts";
import { cutSlice, type SliceRequest } from "./slice.ts";
import { longestRuns, planSpeech, runLimits, type SpeechPlan, type SpeechRun } from "./speech-plan.ts";
import { createVocoder } from "./vocoder.ts";

export interface ReadRequest extends PronouncedText {
  /** Before pronunciations were applied. */
  readonly written: string;
}

/** The methods of a worker. */
export interface HibariApi {
  read(request: ReadRequest): Promise<SpeechPlan>;
  speak(request: SliceRequest): Promise<SynthesizedSlice>;
}

const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const;

serveExecutor<HibariFiles>(async (files) => {
  const file = (name: string) => files[name as keyof HibariFiles];
  const data = readLanguageData(file);
  const normalize = createNormalizer(data.normalization);
  const guesser = await ort.InferenceSession.create(file("oov.onnx"), sessionOptions);
  const read = createGraphemeToPhoneme(
    data,
    createWordGuesser(guesser, data.oov, (ids) => new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length])),
  );
  const ids = new Map(Object.entries(JSON.parse(readFileSync(file("vocab.json"), "utf8")) as Record<string, number>));
  const network = await ort.InferenceSession.create(file("hibari-durations.onnx"), sessionOptions);
  const synthesize = createVocoder();

  let limits = longestRuns;
  const api: HibariApi = {
    async read({ written, text, readings }) {
      return planSpeech(written, await read(normalize(text), readings), (symbol) => ids.has(symbol), limits);
    },
    async speak(request) {
      const sequence = [0, ...request.run.symbols.map((symbol) => ids.get(symbol) ?? 0), 0];
      const output = await network.run({
        ids: new ort.Tensor("int64", BigInt64Array.from(sequence, BigInt), [1, sequence.length]),
        speed: new ort.Tensor("float32", [request.prosody.rate], [1]),
      });
      const floats = (name: string) => output[name]?.data as Float32Array;
      const pitchHz = floats("f0");
      const samples = synthesize(
        {
          frames: pitchHz.length,
          harmonicLog: floats("lh"),
          harmonicPhase: floats("theta"),
          noiseLog: floats("ln"),
          residualLog: floats("lr"),
          residualPhase: floats("phi"),
          pitchHz,
        },
        sequence.reduce((hash, id) => (hash * 31 + id) % 1_000_003, 7),
      );
      const track = { hopMs: (1000 * hopSamples) / sampleRateHz, pitchHz: pitchHz.map((pitch) => (pitch > unvoicedBelowHz ? pitch : 0)) };
      return cutSlice(request, { samples, durations: floats("/Round_output_0"), track });
    },
  };
  limits = runLimits(await warmUp(api), runBudgetMs);
  return { ...api };
});

/** Half of what an orphaned run may take: the machine may be busy. */
const runBudgetMs = 150;
const warmUpText = "Good morning, this is a warm-up of the voice, as long as many a sentence.";

/** The first runs compile; a caller shouldn't wait for that. Returns the best time per symbol. */
async function warmUp(api: HibariApi): Promise<number> {
  const { runs, words } = await api.read({ written: warmUpText, text: warmUpText, readings: new Map() });
  const [run] = runs as [SpeechRun];
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const startMs = performance.now();
    await api.speak({ run, words, prosody: neutralProsody, offset: 0 });
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return bestMs / run.symbols.length;
}
