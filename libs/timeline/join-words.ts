/** Chinese characters, kana and full-width marks: scripts that are written without spaces. */
const unspaced = /[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef]/u;

/** Words or clauses as one text: with a space between them, but not beside a character of a script written without spaces. */
export function joinWords(words: readonly string[]): string {
  let text = "";
  for (const word of words.map((given) => given.trim()).filter((given) => given !== "")) {
    const apart = text !== "" && !unspaced.test(text.at(-1) ?? "") && !unspaced.test(word[0] ?? "");
    text += apart ? ` ${word}` : word;
  }
  return text;
}
