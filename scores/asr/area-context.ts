import { type AsrBackend, createWhisperBackend, type WhisperBackendOptions } from "@troupe/asr/backends";
import type { Prompt } from "../asterisk-prompts.ts";
import type { ScoreContext } from "../score.ts";
import { englishWords } from "./english-words.ts";
import type { Utterance } from "./recognise-set.ts";

/** What the parts of the area share. */
export interface AsrContext extends ScoreContext {
  /** Up to 30 s, which is what recognition takes. */
  readonly prompts: readonly Prompt[];
  open(model: string, options?: Partial<WhisperBackendOptions>): Promise<AsrBackend>;
}

export const longestS = 30;
export const sampleRateHz = 16_000;
export const promptSetName = "Asterisk prompts (one woman, US English, studio)";

export function createAsrContext(context: ScoreContext, prompts: readonly Prompt[]): AsrContext {
  const kept = prompts.filter(({ samples }) => samples.length <= longestS * sampleRateHz);
  return {
    ...context,
    prompts: context.limit === undefined ? kept : spread(kept, context.limit),
    open: async (model, options) => await createWhisperBackend({ model: await context.models.resolve(model), ...options }),
  };
}

/** So many of them, evenly over the whole. */
export function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)] as Item);
}

export const promptUtterance = ({ id, text, samples }: Prompt): Utterance => ({ id, samples, reference: englishWords(text) });
