/** The primary subtag: "zh" of "zh-Hant-TW". */
export function primaryLanguage(tag: string): string {
  return tag.split("-")[0]?.toLowerCase() ?? "";
}

/**
 * The language a text is written in, as far as its script tells: Chinese characters without kana are Chinese; a text without them is
 * not, whatever the hint says; between languages of one script the hint decides.
 * @param hint BCP-47, for instance what the recogniser heard
 */
export function languageOf(text: string, hint: string): string {
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const kana = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text);
  const words = text.match(/\p{Script=Latin}+/gu)?.length ?? 0;
  const language = primaryLanguage(hint) || "en";
  if (kana || han + words === 0) return language;
  // A Chinese word is about two characters long; names and brands in Latin letters are common in Chinese sentences.
  if (han > 0 && han >= words) return "zh";
  return language === "zh" ? "en" : language;
}
