import type { DetectedLanguage } from "../backend.ts";
import type { HotWordBias } from "./hot-words.ts";
import { largest, logProbability, logSumOfExponentials } from "./logits.ts";
import { findLoop } from "./repetition.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Which tokens are never text. */
export interface SuppressedTokens {
  /** Notes, brackets, control tokens. */
  readonly always: readonly number[];
  /** May not come first. */
  readonly first: readonly number[];
}

export interface RowRequest {
  /** BCP-47 primary subtags to choose from; not looked at by a model of one language. */
  readonly languages: readonly string[];
  readonly maxTokens: number;
  readonly hotWords: HotWordBias | undefined;
}

export interface Decoded {
  /** BCP-47 primary subtag; undefined from a model of one language. */
  readonly language: string | undefined;
  readonly tokens: readonly number[];
  /** Natural logarithm of each token's probability; one more than tokens, for the end, when the text was not cut. */
  readonly logProbabilities: readonly number[];
  /** 0..1, as many: how probable it was in the place of each token that a mark comes there which ends a sentence, whichever. */
  readonly sentenceEnds: readonly number[];
  /** 0..1 */
  readonly noSpeechProbability: number;
  /**
   * [rows][heads][states]: how each text token attended to the sound while it was predicted; one row more,
   * for the end, when the text was not cut.
   */
  readonly attention: readonly (readonly Float32Array[])[];
}

/** The text of one row of a batch while it grows: takes the most probable token each time, until it ends or loops. */
export class TextRow {
  readonly #vocabulary: Vocabulary;
  readonly #suppressed: SuppressedTokens;
  readonly #request: RowRequest;
  readonly #tokens: number[] = [];
  readonly #logProbabilities: number[] = [];
  readonly #sentenceEnds: number[] = [];
  readonly #attention: (readonly Float32Array[])[] = [];
  #language: DetectedLanguage | undefined;
  #noSpeechProbability = 0;
  #ended = false;
  #cut = false;

  constructor(vocabulary: Vocabulary, suppressed: SuppressedTokens, request: RowRequest) {
    this.#vocabulary = vocabulary;
    this.#suppressed = suppressed;
    this.#request = request;
  }

  get over(): boolean {
    return this.#ended || this.#cut;
  }

  /** What goes into the decoder next; the end again once the text is over. */
  get last(): number {
    return this.over ? this.#vocabulary.endOfText : (this.#tokens.at(-1) as number);
  }

  /** Takes the logits after the start of the transcript, and tells the tokens that follow it. */
  begin(logits: Float32Array): readonly number[] {
    const { noSpeech, noTimestamps, languages } = this.#vocabulary;
    this.#noSpeechProbability = Math.exp(logProbability(logits, noSpeech));
    if (!languages) return [noTimestamps];
    this.#language = mostProbableLanguage(logits, this.#vocabulary, this.#request.languages);
    return [languages.tokens.get(this.#language.language) as number, languages.transcribe, noTimestamps];
  }

  /** Takes the logits of the next token and the attention that led to it. */
  grow(logits: Float32Array, attention: readonly Float32Array[]): void {
    if (this.over) return;
    this.#attention.push(attention);
    this.#suppress(logits);
    const { hotWords } = this.#request;
    const best = largest(logits);
    const token = hotWords?.choose(logits, best) ?? best;
    hotWords?.advance(token);
    const logSum = logSumOfExponentials(logits);
    // Without the bonus: a hot word makes nothing more certain.
    this.#logProbabilities.push((logits[token] as number) - logSum);
    this.#sentenceEnds.push(this.#vocabulary.sentenceEnds.reduce((sum, mark) => sum + Math.exp((logits[mark] as number) - logSum), 0));
    this.#ended = token === this.#vocabulary.endOfText;
    if (this.#ended) return;
    this.#tokens.push(token);
    const loopEnd = findLoop(this.#tokens);
    if (loopEnd !== undefined) this.#tokens.length = loopEnd;
    this.#cut = loopEnd !== undefined || this.#tokens.length >= this.#request.maxTokens;
  }

  decoded(): Decoded {
    const tokens = this.#tokens;
    return {
      language: this.#language?.language,
      tokens,
      logProbabilities: this.#logProbabilities.slice(0, tokens.length + (this.#ended ? 1 : 0)),
      sentenceEnds: this.#sentenceEnds.slice(0, tokens.length + (this.#ended ? 1 : 0)),
      noSpeechProbability: this.#noSpeechProbability,
      attention: this.#attention.slice(0, tokens.length + 1),
    };
  }

  #suppress(logits: Float32Array): void {
    for (const token of this.#suppressed.always) logits[token] = Number.NEGATIVE_INFINITY;
    if (this.#tokens.length === 0) for (const token of this.#suppressed.first) logits[token] = Number.NEGATIVE_INFINITY;
    logits.fill(Number.NEGATIVE_INFINITY, this.#vocabulary.endOfText + 1);
  }
}

/** The most probable of some languages, going by the logits after the start of the transcript. */
export function mostProbableLanguage(logits: Float32Array, vocabulary: Vocabulary, languages: readonly string[]): DetectedLanguage {
  const tokens = vocabulary.languages?.tokens;
  const scores = Float32Array.from(languages, (language) => logits[tokens?.get(language) ?? -1] ?? Number.NEGATIVE_INFINITY);
  const best = largest(scores);
  return { language: languages[best] as string, probability: Math.exp(logProbability(scores, best)) };
}
