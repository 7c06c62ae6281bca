import { kindOf as kindOfEnglish, ipaOf as toEnglishIpa } from "../english/alphabet.ts";

/** What a symbol of Kokoro's alphabet is to a listener. */
export type SymbolKind = "phone" | "stress" | "tone" | "aspiration" | "length" | "gap" | "pause";

export function kindOf(symbol: string): SymbolKind {
  if ("→↗↓↘".includes(symbol)) return "tone";
  if (symbol === "ʰ") return "aspiration";
  return kindOfEnglish(symbol);
}

/** The International Phonetic Alphabet's spelling of a phone. */
export function ipaOf(symbol: string): string {
  return symbol === "ꭧ" ? "ʈʂ" : toEnglishIpa(symbol);
}
