import * as ort from "onnxruntime-node";
import { neutralProsody } from "../../prosody/prosody.ts";
import { createGraphemeToPhoneme } from "../../text/grapheme-to-phoneme.ts";
import { readLanguageData } from "../../text/language-data.ts";
import { createNormalizer } from "../../text/normalize.ts";
import { createWordGuesser } from "../../text/oov-network.ts";
import type { PronouncedText } from "../../text/pronunciations.ts";
import type { SynthesizedSlice } from "../backend.ts";
import { cutSlice, type RawSpeech, type SliceRequest } from "./slice.ts";
import { longestRuns, planSpeech, runLimits, type SpeechPlan, type SpeechRun } from "./speech-plan.ts";

export interface ReadRequest extends Omit<PronouncedText, "length"> {
  /** Before pronunciations were applied. */
  readonly written: string;
}

/** The methods of a worker with an English voice. */
export interface EnglishVoiceApi {
  read(request: ReadRequest): Promise<SpeechPlan>;
  speak(request: SliceRequest): Promise<SynthesizedSlice>;
}

/** What differs between voices. */
export interface RunSpeaker {
  /** Whether a symbol of the lexicons means something to the network. */
  isKnown(symbol: string): boolean;
  speak(run: SpeechRun, rate: number): Promise<RawSpeech>;
}

export const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const;

/**
 * Reads text by the lexicons and speaks it by a network; warms up, and cuts what it reads into runs that fit the speed of the machine.
 * @param file absolute path by name
 */
export async function createEnglishVoice(file: (name: string) => string, speaker: RunSpeaker): Promise<EnglishVoiceApi> {
  const data = readLanguageData(file);
  const normalize = createNormalizer(data.normalization);
  const guesser = await ort.InferenceSession.create(file("oov.onnx"), sessionOptions);
  const read = createGraphemeToPhoneme(
    data,
    createWordGuesser(guesser, data.oov, (ids) => new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length])),
  );
  let limits = longestRuns;
  const voice: EnglishVoiceApi = {
    async read({ written, text, readings }) {
      return planSpeech(written, await read(normalize(text), readings), speaker.isKnown, limits);
    },
    async speak(request) {
      return cutSlice(request, await speaker.speak(request.run, request.prosody.rate));
    },
  };
  limits = runLimits(await warmUp(voice), runBudgetMs);
  return voice;
}

/** Of a run, which goes on when its answer is cancelled; less than the 300 ms that it may take, as the machine may get busier. */
const runBudgetMs = 200;
const warmUpRounds = 5;
const warmUpText = "Good morning, this is a warm-up of the voice, as long as many a sentence.";

/** The first runs compile; a caller shouldn't wait for that. Returns the best time per symbol. */
async function warmUp(voice: EnglishVoiceApi): Promise<number> {
  const { runs, words } = await voice.read({ written: warmUpText, text: warmUpText, readings: new Map() });
  const [run] = runs as [SpeechRun];
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < warmUpRounds; round++) {
    const startMs = performance.now();
    await voice.speak({ run, words, prosody: neutralProsody, offset: 0 });
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return bestMs / run.symbols.length;
}
