import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Transcription } from "../backend.ts";
import { nothingSaid, SAMPLE_RATE_HZ } from "../transcribe-request.ts";
import { openWhisperGraphs } from "./graphs.ts";
import { type Decoded, decodeGreedily } from "./greedy-decoding.ts";
import { createLogMel, HOP_SAMPLES, MEL_BANDS } from "./log-mel.ts";
import { compressionRatio } from "./repetition.ts";
import { readVocabulary, type Vocabulary } from "./vocabulary.ts";
import { meanProbability, toWords } from "./words.ts";

export interface WhisperFiles {
  readonly encoder: string;
  readonly decoder: string;
  readonly tokenizer: string;
  readonly config: string;
}

/** When a transcription counts as failed. */
export interface WhisperThresholds {
  /** Above it the audio holds no speech, however sure the text looks: Whisper reads "you" into silence. */
  readonly certainNoSpeechProbability: number;
  /** Above it the audio holds no speech if the text is doubtful as well. */
  readonly noSpeechProbability: number;
  /** Mean natural logarithm of the token probabilities, below which a text is doubtful. */
  readonly logProbability: number;
  readonly compressionRatio: number;
}

export interface WhisperOptions {
  readonly files: WhisperFiles;
  readonly thresholds: WhisperThresholds;
  /**
   * Silence after the sound. Whisper was trained on windows of 30 s; a shorter one takes less time
   * (the encoder's attention grows with its square) and the less accurate it is, the shorter the silence.
   */
  readonly paddingMs: { readonly interim: number; readonly final: number };
}

export interface RecogniseArgument {
  readonly samples: Float32Array;
  readonly interim: boolean;
}

export type Recogniser = (argument: RecogniseArgument) => Promise<Transcription>;

const LONGEST_WINDOW_FRAMES = 3000;
/** English is spoken at 3 to 6 tokens a second; more is a loop. */
const TOKENS_PER_SECOND = 8;
const TOKENS_AT_LEAST = 12;
/** The decoder's context holds 448 tokens, the prompt included. */
const TOKENS_AT_MOST = 440;

const configSchema = z.object({ suppress_ids: z.array(z.int()), suppress_ids_begin: z.array(z.int()) });

/** Whisper, English only, in this thread. */
export async function createRecogniser(options: WhisperOptions): Promise<Recogniser> {
  const { files } = options;
  const [graphs, vocabulary, configText] = await Promise.all([
    openWhisperGraphs(files, MEL_BANDS),
    readVocabulary(files.tokenizer),
    readFile(files.config, "utf8"),
  ]);
  const config = configSchema.parse(JSON.parse(configText));
  const logMel = createLogMel();

  return async ({ samples, interim }) => {
    const durationS = samples.length / SAMPLE_RATE_HZ;
    const frames = windowFrames(samples.length, interim ? options.paddingMs.interim : options.paddingMs.final);
    const cross = await graphs.encode(logMel(samples, frames), frames);
    const decoded = await decodeGreedily(graphs, cross, {
      vocabulary,
      suppressed: config.suppress_ids,
      suppressedFirst: config.suppress_ids_begin,
      maxTokens: Math.min(TOKENS_AT_MOST, TOKENS_AT_LEAST + Math.ceil(durationS * TOKENS_PER_SECOND)),
    });
    return toTranscription(decoded, vocabulary, options.thresholds, samples);
  };
}

/** An even number of 10 ms frames. */
function windowFrames(sampleCount: number, paddingMs: number): number {
  const frames = Math.ceil(sampleCount / HOP_SAMPLES + paddingMs / 10);
  return Math.min(LONGEST_WINDOW_FRAMES, frames + (frames % 2));
}

function toTranscription(decoded: Decoded, vocabulary: Vocabulary, thresholds: WhisperThresholds, samples: Float32Array): Transcription {
  const text = vocabulary.decode(decoded.tokens).trim();
  const confidence = meanProbability(decoded.logProbabilities);
  const silent = isSilent(decoded.noSpeechProbability, Math.log(confidence), thresholds);
  const looping = compressionRatio(text) > thresholds.compressionRatio;
  if (text === "" || silent || looping) return nothingSaid("en");
  return { text, language: "en", words: toWords(decoded, vocabulary, samples), confidence };
}

function isSilent(noSpeechProbability: number, logProbability: number, thresholds: WhisperThresholds): boolean {
  if (noSpeechProbability > thresholds.certainNoSpeechProbability) return true;
  return noSpeechProbability > thresholds.noSpeechProbability && logProbability < thresholds.logProbability;
}
