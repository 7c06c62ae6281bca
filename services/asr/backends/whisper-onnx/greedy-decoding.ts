import type { Tensors, WhisperGraphs } from "./graphs.ts";
import { findLoop } from "./repetition.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface DecodingOptions {
  readonly vocabulary: Vocabulary;
  /** Token ids that are never text: notes, brackets, control tokens. */
  readonly suppressed: readonly number[];
  /** Token ids that may not come first. */
  readonly suppressedFirst: readonly number[];
  readonly maxTokens: number;
}

export interface Decoded {
  readonly tokens: readonly number[];
  /** Natural logarithm of each token's probability; one more than tokens, for the end, when the text was not cut. */
  readonly logProbabilities: readonly number[];
  /** 0..1 */
  readonly noSpeechProbability: number;
  /**
   * [rows][heads][states]: how each text token attended to the sound while it was predicted; one row more,
   * for the end, when the text was not cut.
   */
  readonly attention: readonly (readonly Float32Array[])[];
}

/** Takes the most probable token each time, until the text ends or loops. */
export async function decodeGreedily(graphs: WhisperGraphs, cross: Tensors, options: DecodingOptions): Promise<Decoded> {
  const { vocabulary } = options;
  const tokens: number[] = [];
  const logProbabilities: number[] = [];
  const attention: (readonly Float32Array[])[] = [];
  let ended = false;
  let step = await graphs.decode([vocabulary.startOfTranscript, vocabulary.noTimestamps], undefined, cross);
  const noSpeechProbability = Math.exp(logProbability(step.logits[0] as Float32Array, vocabulary.noSpeech));
  for (;;) {
    const logits = step.logits.at(-1) as Float32Array;
    attention.push(step.alignment);
    suppress(logits, options, tokens.length === 0);
    const token = largest(logits);
    logProbabilities.push(logProbability(logits, token));
    ended = token === vocabulary.endOfText;
    if (ended) break;
    tokens.push(token);
    const loopEnd = findLoop(tokens);
    if (loopEnd !== undefined) tokens.length = loopEnd;
    if (loopEnd !== undefined || tokens.length >= options.maxTokens) break;
    step = await graphs.decode([token], step.past, cross);
  }
  return {
    tokens,
    logProbabilities: logProbabilities.slice(0, tokens.length + (ended ? 1 : 0)),
    noSpeechProbability,
    attention: attention.slice(0, tokens.length + 1),
  };
}

function suppress(logits: Float32Array, options: DecodingOptions, first: boolean): void {
  const { vocabulary } = options;
  for (const token of options.suppressed) logits[token] = Number.NEGATIVE_INFINITY;
  if (first) for (const token of options.suppressedFirst) logits[token] = Number.NEGATIVE_INFINITY;
  logits.fill(Number.NEGATIVE_INFINITY, vocabulary.endOfText + 1);
}

function largest(logits: Float32Array): number {
  let best = 0;
  for (let index = 1; index < logits.length; index++) if ((logits[index] as number) > (logits[best] as number)) best = index;
  return best;
}

function logProbability(logits: Float32Array, token: number): number {
  const peak = logits[largest(logits)] as number;
  let sum = 0;
  for (let index = 0; index < logits.length; index++) sum += Math.exp((logits[index] as number) - peak);
  return (logits[token] as number) - peak - Math.log(sum);
}
