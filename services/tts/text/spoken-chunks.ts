import type { SpokenWord } from "./grapheme-to-phoneme.ts";

export interface SpokenChunk {
  readonly text: string;
  readonly phones: string;
}

/** Spoken words that no space separates, together. */
export function groupChunks(spoken: readonly SpokenWord[]): readonly SpokenChunk[] {
  const chunks: { text: string; phones: string }[] = [];
  let open = false;
  for (const word of spoken) {
    const last = chunks.at(-1);
    if (open && last) {
      last.text += word.text;
      last.phones += word.phones;
    } else {
      chunks.push({ text: word.text, phones: word.phones });
    }
    open = !word.spaceAfter;
  }
  return chunks;
}
