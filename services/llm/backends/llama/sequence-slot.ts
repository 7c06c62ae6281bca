import type { LlamaContext, LlamaSequence } from "./llama-package.ts";

/** A place for one conversation in a context. */
export interface SequenceSlot {
  /**
   * The sequence that is kept here, or a new one.
   * @throws when the context has none left
   */
  sequence(): LlamaSequence;
  /** Forgets the conversation; a sequence that fails to is given up, and replaced when one is next needed. Never rejects. */
  clear(): Promise<void>;
}

export function sequenceSlot(context: Pick<LlamaContext, "getSequence">): SequenceSlot {
  let kept: LlamaSequence | undefined;
  return {
    sequence() {
      kept ??= context.getSequence();
      return kept;
    },
    async clear() {
      const used = kept;
      try {
        await used?.clearHistory();
      } catch {
        kept = undefined;
        await used?.dispose().catch(() => undefined);
      }
    },
  };
}
