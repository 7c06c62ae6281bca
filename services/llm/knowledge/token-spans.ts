/** Where tokens stand in a text, in UTF-16 units. */
export interface TokenSpans {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** How far a token may lie behind the one before it: what an unknown token stood for. */
const longestGap = 12;

/**
 * Finds SentencePiece tokens in the text that they were made of.
 * @param tokens as the tokenizer gives them, "▁" for a blank
 * @param prefix what stood before the text; its tokens get empty spans
 * @param text folded, so that the tokenizer's own normalisation changes nothing
 */
export function tokenSpans(tokens: readonly string[], prefix: string, text: string): TokenSpans {
  const whole = prefix + text;
  const starts = new Int32Array(tokens.length);
  const ends = new Int32Array(tokens.length);
  let at = 0;
  tokens.forEach((token, index) => {
    const letters = token.replaceAll("▁", "");
    const found = letters === "" ? -1 : whole.indexOf(letters, at);
    if (found < 0 || found > at + longestGap) return;
    at = found + letters.length;
    starts[index] = Math.max(0, found - prefix.length);
    ends[index] = Math.max(0, at - prefix.length);
  });
  return { starts, ends };
}
