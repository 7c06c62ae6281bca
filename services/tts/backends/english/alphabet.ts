/** What a symbol of the voice's alphabet is to a listener. */
export type SymbolKind = "phone" | "stress" | "length" | "gap" | "pause";

const pauses = new Set(";:,.!?—…");
const gaps = new Set(' "()“”');
const lengthMarks = new Set("ːʰʲ̃ᵝ");
const toIpa: ReadonlyMap<string, string> = new Map([
  ["A", "eɪ"],
  ["I", "aɪ"],
  ["O", "oʊ"],
  ["Q", "əʊ"],
  ["W", "aʊ"],
  ["Y", "ɔɪ"],
  ["S", "ʃ"],
  ["T", "ɾ"],
  ["ʤ", "dʒ"],
  ["ʧ", "tʃ"],
  ["ʣ", "dz"],
  ["ʦ", "ts"],
  ["ʥ", "dʑ"],
  ["ʨ", "tɕ"],
  ["ᵊ", "ə"],
  ["ᵻ", "ɨ"],
]);

export function kindOf(symbol: string): SymbolKind {
  if (symbol === "ˈ" || symbol === "ˌ") return "stress";
  if (pauses.has(symbol)) return "pause";
  if (gaps.has(symbol)) return "gap";
  return lengthMarks.has(symbol) ? "length" : "phone";
}

/** The International Phonetic Alphabet's spelling of a phone. */
export function ipaOf(symbol: string): string {
  return toIpa.get(symbol) ?? symbol;
}
