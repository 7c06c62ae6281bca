import { describe, expect, it } from "vitest";
import { isVowel, visemesOf } from "./visemes.ts";

describe("visemes", () => {
  it("knows every phone of English", () => {
    const phones = "p b t d k ɡ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j tʃ dʒ ɾ i ɪ eɪ ɛ æ ɑ ɔ oʊ ʊ u ʌ ə ɜ aɪ aʊ ɔɪ ɨ ɐ ɒ əʊ ɪə eə ʊə iː ɜː".split(
      " ",
    );
    for (const phone of phones) expect(visemesOf(phone), phone).not.toHaveLength(0);
  });

  it("knows every phone of Mandarin, and tells its rounded from its unrounded vowels", () => {
    const phones = "p pʰ m f t tʰ n l k kʰ x tɕ tɕʰ ɕ ʈʂ ʈʂʰ ʂ ɻ ts tsʰ s j w ɥ a ɛ e ə ɤ o ɔ ʊ u i y ɨ ɚ n ŋ".split(" ");
    for (const phone of phones) expect(visemesOf(phone), phone).toHaveLength(1);
    const rounding = (phone: string) => visemesOf(phone)[0]?.ranges.pucker?.[0] ?? 0;
    for (const phone of ["u", "y", "ɥ", "w", "ʊ", "o"]) expect(rounding(phone), phone).toBeGreaterThan(0.3);
    for (const phone of ["i", "ɤ", "ɨ", "a", "ɛ", "ɕ", "s"]) expect(rounding(phone), phone).toBe(0);
  });

  it("splits diphthongs, and gives an affricate the lips of its fricative", () => {
    expect(visemesOf("aʊ")).toEqual([...visemesOf("a"), ...visemesOf("ʊ")]);
    expect(visemesOf("iau")).toEqual([...visemesOf("i"), ...visemesOf("a"), ...visemesOf("u")]);
    for (const affricate of ["dʒ", "ʤ", "tʃ", "t͡ʃ"]) expect(visemesOf(affricate), affricate).toEqual(visemesOf("ʒ"));
    expect(visemesOf("tɕʰ")).toEqual(visemesOf("ɕ"));
  });

  it("takes a syllabic ɻ for a vowel", () => {
    expect(visemesOf("ɻ̩")).not.toEqual(visemesOf("ɻ"));
    expect(isVowel("ɻ̩")).toBe(true);
    expect(isVowel("ɻ")).toBe(false);
  });

  it("ignores diacritics and leaves the unknown neutral", () => {
    expect(visemesOf("ˈɑː")).toEqual(visemesOf("ɑ"));
    expect(visemesOf("ʘ")).toEqual([]);
    expect(visemesOf("")).toEqual([]);
  });
});
