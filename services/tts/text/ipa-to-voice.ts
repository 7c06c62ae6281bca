import { vowels } from "./phone-classes.ts";

/** IPA to the American phone alphabet of the lexicons; sounds that English lacks become the nearest it has. */
const table = `
  eɪ:A ei:A aɪ:I ai:I oʊ:O ou:O əʊ:O aʊ:W au:W ɔɪ:Y ɔi:Y oɪ:Y
  dʒ:ʤ tʃ:ʧ tɕ:ʧ dʑ:ʤ ʈʂ:ʧ
  ɜː:ɜɹ ɜɹ:ɜɹ ɝ:ɜɹ ɚ:əɹ aː:ɑ eː:A oː:O
  a:ɑ e:ɛ o:O y:u ø:ɜ œ:ɛ ɒ:ɑ ɨ:ɪ ʉ:u ɯ:u ɤ:ʌ ɵ:ʊ ɘ:ə ɞ:ɜ
  æ:æ ɑ:ɑ ɔ:ɔ ɐ:ɐ ə:ə ɛ:ɛ ɜ:ɜ ɪ:ɪ i:i ʊ:ʊ u:u ʌ:ʌ ᵻ:ᵻ ᵊ:ᵊ
  p:p b:b t:t d:d k:k g:ɡ ɡ:ɡ m:m n:n ŋ:ŋ f:f v:v θ:θ ð:ð s:s z:z ʃ:ʃ ʒ:ʒ h:h l:l ɹ:ɹ w:w j:j
  ɫ:l r:ɹ ɾ:T ʔ:t ʍ:w x:k χ:k ɣ:ɡ ʁ:ɹ ʀ:ɹ ɕ:ʃ ʑ:ʒ ʂ:ʃ ʐ:ʒ ɲ:nj ɳ:n ɱ:m ʎ:lj ɟ:ɡ c:k q:k
  β:v ɸ:f ʋ:v ɥ:w ɦ:h ɬ:l ʈ:t ɖ:d ɻ:ɹ ɽ:T ɭ:l ħ:h
  ˈ:ˈ ':ˈ ’:ˈ ˌ:ˌ`;

/** Longest first. */
const symbols = table
  .trim()
  .split(/\s+/)
  .map((pair) => pair.split(":") as [string, string])
  .sort(([a], [b]) => b.length - a.length);

const ties = /[\u035c\u0361]/gu;
/** Marks without a sound of their own in English: length, syllables, ties, tones and articulation. */
const ignored = /[\p{M}\p{Sk}ːˑʰʲˤ .|-]/u;

const vowelClass = `[${[...vowels].join("")}]`;
const anyVowel = new RegExp(vowelClass, "u");
/** IPA marks the syllable, the lexicons mark its vowel. */
const stressBeforeSyllable = new RegExp(`([ˈˌ])([^ˈˌ ${vowelClass.slice(1)}*)(${vowelClass})`, "gu");

/**
 * Reads IPA, as people write it, as phones of the English lexicons; the first vowel is stressed where nothing is marked.
 * @returns undefined when it holds a symbol that stands for no sound, or no vowel
 */
export function ipaToVoice(ipa: string): string | undefined {
  const text = ipa.normalize("NFD").replaceAll(ties, "").trim();
  let phones = "";
  for (let at = 0; at < text.length; ) {
    const known = symbols.find(([symbol]) => text.startsWith(symbol, at));
    if (!known && !ignored.test(text[at] as string)) return undefined;
    phones += known?.[1] ?? (text[at] === " " ? " " : "");
    at += known?.[0].length ?? 1;
  }
  const stressed = phones.replaceAll(stressBeforeSyllable, "$2$1$3");
  const first = stressed.search(anyVowel);
  if (first < 0) return undefined;
  return stressed.includes("ˈ") ? stressed : `${stressed.slice(0, first)}ˈ${stressed.slice(first)}`;
}
