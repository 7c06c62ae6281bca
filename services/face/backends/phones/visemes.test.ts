import { describe, expect, it } from "vitest";
import { visemesOf } from "./visemes.ts";

describe("visemes", () => {
  it("knows every phone of English", () => {
    const phones = "p b t d k ɡ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j tʃ dʒ ɾ i ɪ eɪ ɛ æ ɑ ɔ oʊ ʊ u ʌ ə ɜ aɪ aʊ ɔɪ ɨ ɐ ɒ əʊ ɪə eə ʊə iː ɜː".split(
      " ",
    );
    for (const phone of phones) expect(visemesOf(phone), phone).not.toHaveLength(0);
  });

  it("splits diphthongs and affricates", () => {
    expect(visemesOf("aʊ")).toEqual([...visemesOf("a"), ...visemesOf("ʊ")]);
    expect(visemesOf("ʤ")).toEqual(visemesOf("dʒ"));
  });

  it("ignores diacritics and leaves the unknown neutral", () => {
    expect(visemesOf("ˈɑː")).toEqual(visemesOf("ɑ"));
    expect(visemesOf("ʘ")).toEqual([]);
    expect(visemesOf("")).toEqual([]);
  });
});
