import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { DetectedLanguage, Transcription } from "../backend.ts";
import { joinChinese, normaliseChinese } from "../chinese/transcript.ts";
import { nothingSaid, SAMPLE_RATE_HZ } from "../transcribe-request.ts";
import { openWhisperGraphs } from "./graphs.ts";
import { type DecodingRequest, decodeGreedily } from "./greedy-decoding.ts";
import { buildHotWordTree, HotWordBias, type HotWordTree } from "./hot-words.ts";
import { createLogMel, HOP_SAMPLES, MEL_BANDS } from "./log-mel.ts";
import { compressionRatio } from "./repetition.ts";
import { sentenceEndOf } from "./sentence-end.ts";
import { type Decoded, mostProbableLanguage } from "./text-row.ts";
import { readVocabulary, type Vocabulary } from "./vocabulary.ts";
import type { WhisperOptions, WhisperThresholds } from "./whisper-options.ts";
import { meanProbability, toWords } from "./words.ts";

export interface RecogniseArgument {
  readonly samples: Float32Array;
  readonly interim: boolean;
  /** BCP-47 primary subtag; undefined: the most probable of the options' languages. */
  readonly language: string | undefined;
  readonly hotWords: readonly string[];
}

export interface Recogniser {
  /** Recognises sounds together; each as if it were alone. */
  recognise(batch: readonly RecogniseArgument[]): Promise<readonly Transcription[]>;
  /** Which of the options' languages is spoken. */
  detect(samples: Float32Array): Promise<DetectedLanguage>;
}

const LONGEST_WINDOW_FRAMES = 3000;
/** English is spoken at 3 to 6 tokens a second; more is a loop. */
const TOKENS_PER_SECOND = 8;
const TOKENS_AT_LEAST = 12;
/** The decoder's context holds 448 tokens, the prompt included. */
const TOKENS_AT_MOST = 440;

/** The first seconds tell the language. */
const DETECTION_SAMPLES = 6 * SAMPLE_RATE_HZ;
const DETECTION_PADDING_MS = 4_000;

const configSchema = z.object({ suppress_ids: z.array(z.int()), suppress_ids_begin: z.array(z.int()) });

/** Whisper in this thread. */
export async function createRecogniser(options: WhisperOptions): Promise<Recogniser> {
  const { files, languages, paddingMs } = options;
  const [graphs, vocabulary, configText] = await Promise.all([
    openWhisperGraphs(files, MEL_BANDS),
    readVocabulary(files.tokenizer, options.multilingual),
    readFile(files.config, "utf8"),
  ]);
  const config = configSchema.parse(JSON.parse(configText));
  const suppressed = { always: config.suppress_ids, first: config.suppress_ids_begin };
  const logMel = createLogMel();
  const treeOf = rememberTrees(vocabulary);

  async function recognise(batch: readonly RecogniseArgument[]): Promise<readonly Transcription[]> {
    const requests: DecodingRequest[] = [];
    for (const { samples, interim, language, hotWords } of batch) {
      const frames = windowFrames(samples.length, interim ? paddingMs.interim : paddingMs.final);
      // One after the other: the encoder's work is bound by arithmetic, and larger batches of it only miss the caches.
      const sound = await graphs.encode(logMel(samples, frames), frames);
      requests.push({
        sound,
        languages: language === undefined ? languages : [language],
        maxTokens: tokenLimit(samples.length),
        hotWords: hotWords.length > 0 ? new HotWordBias(treeOf(hotWords), options.hotWordBonus) : undefined,
      });
    }
    const decoded = await decodeGreedily(graphs, requests, { vocabulary, suppressed });
    return decoded.map((row, index) => {
      const { samples } = batch[index] as RecogniseArgument;
      return toTranscription({ ...row, language: row.language ?? (languages[0] as string) }, samples, { vocabulary, ...options });
    });
  }

  async function detect(samples: Float32Array): Promise<DetectedLanguage> {
    const beginning = samples.subarray(0, DETECTION_SAMPLES);
    const frames = windowFrames(beginning.length, DETECTION_PADDING_MS);
    const sounds = await graphs.encode(logMel(beginning, frames), frames);
    const { logits } = await graphs.decode([[vocabulary.startOfTranscript]], undefined, sounds);
    return mostProbableLanguage(logits[0]?.[0] as Float32Array, vocabulary, languages);
  }

  return { recognise, detect };
}

/** A session's words are the same in every request. */
const treesKept = 32;

function rememberTrees(vocabulary: Vocabulary): (words: readonly string[]) => HotWordTree {
  const trees = new Map<string, HotWordTree>();
  return (words) => {
    const key = words.join("\n");
    const tree = trees.get(key) ?? buildHotWordTree(words, vocabulary.encode);
    trees.delete(key);
    trees.set(key, tree);
    for (const oldest of trees.keys()) if (trees.size > treesKept) trees.delete(oldest);
    return tree;
  };
}

function tokenLimit(sampleCount: number): number {
  return Math.min(TOKENS_AT_MOST, TOKENS_AT_LEAST + Math.ceil((sampleCount / SAMPLE_RATE_HZ) * TOKENS_PER_SECOND));
}

/** An even number of 10 ms frames. */
function windowFrames(sampleCount: number, paddingMs: number): number {
  const frames = Math.ceil(sampleCount / HOP_SAMPLES + paddingMs / 10);
  return Math.min(LONGEST_WINDOW_FRAMES, frames + (frames % 2));
}

interface Reading {
  readonly vocabulary: Vocabulary;
  readonly thresholds: WhisperThresholds;
}

function toTranscription(decoded: Decoded & { readonly language: string }, samples: Float32Array, reading: Reading): Transcription {
  const { vocabulary, thresholds } = reading;
  const { language } = decoded;
  const text = vocabulary.decode(decoded.tokens).trim();
  const confidence = meanProbability(decoded.logProbabilities);
  const silent = isSilent(decoded.noSpeechProbability, Math.log(confidence), thresholds);
  const looping = compressionRatio(text) > thresholds.compressionRatio;
  if (text === "" || silent || looping) return nothingSaid(language);
  const words = toWords(decoded, vocabulary, samples);
  const sentenceEnd = sentenceEndOf(decoded, vocabulary);
  if (language !== "zh") return { text, language, words, confidence, sentenceEnd };
  const chinese = normaliseChinese(words);
  return { text: joinChinese(chinese), language, words: chinese, confidence, sentenceEnd };
}

function isSilent(noSpeechProbability: number, logProbability: number, thresholds: WhisperThresholds): boolean {
  if (noSpeechProbability > thresholds.certainNoSpeechProbability) return true;
  return noSpeechProbability > thresholds.noSpeechProbability && logProbability < thresholds.logProbability;
}
