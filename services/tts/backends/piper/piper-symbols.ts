/** Symbols of the lexicons in the spelling of espeak-ng, which Piper voices are trained on; the others are spelled alike. */
const spellings: ReadonlyMap<string, string> = new Map(
  "A:eɪ I:aɪ O:oʊ Q:əʊ W:aʊ Y:ɔɪ ʤ:dʒ ʧ:tʃ T:ɾ ᵊ:ə u:uː ɑ:ɑː ɔ:ɔː —:, …:. “: ”: "
    .split(" ")
    .map((pair) => pair.split(":") as [string, string]),
);
const vowels = /[AIOQWYiuæɑɔəɛɜɪʊʌᵻᵊɐ]/u;

/**
 * A run of the lexicons' symbols as espeak-ng spells American English, one string per symbol: tense vowels long, happY short, r-coloured
 * vowels as one sound (an r that colours is the empty string).
 */
export function espeakSpelling(symbols: readonly string[]): readonly string[] {
  return symbols.map((symbol, index) => {
    const [before, after] = [symbols[index - 1], symbols[index + 1]];
    const vowelFollows =
      vowels.test(symbols.slice(index + 1).find((next) => !"ˈˌ ".includes(next)) ?? "") && !/[ ,.!?;:]/.test(symbols[index + 2] ?? "");
    if (symbol === "ɜ") return after === "ɹ" ? "ɜː" : "ɜ";
    if (symbol === "ə" && after === "ɹ") return "ɚ";
    if (symbol === "ɹ" && (before === "ɜ" || before === "ə")) return vowelFollows && before === "ə" ? "ɹ" : "";
    if (symbol === "i") return before === "ˈ" || before === "ˌ" ? "iː" : "i";
    return spellings.get(symbol) ?? symbol;
  });
}
