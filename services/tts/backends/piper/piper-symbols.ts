/** Symbols of the lexicons in the spelling of espeak-ng, which Piper voices are trained on; the others are spelled alike. */
const spellings: ReadonlyMap<string, string> = new Map(
  "A:eɪ I:aɪ O:oʊ Q:əʊ W:aʊ Y:ɔɪ ʤ:dʒ ʧ:tʃ T:ɾ ᵊ:ə u:uː ɑ:ɑː ɔ:ɔː —:, …:. “: ”: "
    .split(" ")
    .map((pair) => pair.split(":") as [string, string]),
);

/**
 * A run of the lexicons' symbols as espeak-ng spells American English, one string per symbol: tense vowels long, happY short, r-coloured
 * vowels as one sound (an r that colours is the empty string).
 */
export function espeakSpelling(symbols: readonly string[]): readonly string[] {
  return symbols.map((symbol, index) => {
    const [before = "", after = ""] = [symbols[index - 1], symbols[index + 1]];
    switch (symbol) {
      case "ɜ":
        return after === "ɹ" ? "ɜː" : "ɜ";
      case "ə":
        return after === "ɹ" ? "ɚ" : "ə";
      case "ɹ":
        return before === "ɜ" || (before === "ə" && !startsWithVowel(symbols.slice(index + 1))) ? "" : "ɹ";
      case "i":
        return "ˈˌ".includes(before) && before !== "" ? "iː" : "i";
      default:
        return spellings.get(symbol) ?? symbol;
    }
  });
}

function startsWithVowel(symbols: readonly string[]): boolean {
  return /^[ˈˌ]?[AIOQWYiuæɑɔəɛɜɪʊʌᵻᵊɐ]/u.test(symbols.slice(0, 2).join(""));
}
