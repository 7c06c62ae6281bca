import { describe, expect, it } from "vitest";
import { frameClasses } from "./frame-classes.ts";
import { fits, readVisemeClasses } from "./viseme-classes.ts";

const classes = await readVisemeClasses();

/** Phones one after the other: symbol and milliseconds. */
function phonesOf(...list: readonly (readonly [string, number])[]) {
  let at = 0;
  return list.map(([text, ms]) => {
    const phone = { text, startUs: at * 1000, endUs: (at + ms) * 1000 };
    at += ms;
    return phone;
  });
}

const label = (phones: ReturnType<typeof phonesOf>, frames: number) =>
  frameClasses(phones, classes, { frames, framesPerSecond: 25 }).map(
    (one) => one && `${one.own.name}<${one.accepted.map(({ name }) => name).join("|")}>`,
  );

describe("what a frame is to show", () => {
  it("is the phone at its centre, or any that sounds during it", () => {
    expect(label(phonesOf(["", 40], ["m", 50], ["i", 70], ["", 40]), 5)).toEqual([
      undefined,
      "bilabial<bilabial>",
      "spread<bilabial|spread>",
      "spread<spread>",
      undefined,
    ]);
  });

  it("is either part of a diphthong around its middle, and one of them at its ends", () => {
    expect(label(phonesOf(["aɪ", 240]), 6)).toEqual([
      "open<open>",
      "open<open>",
      "open<open|spread>",
      "spread<open|spread>",
      "spread<spread>",
      "spread<spread>",
    ]);
  });

  it("does not hang on silence or on symbols nobody knows", () => {
    expect(label(phonesOf(["", 40], ["ʘ", 40], ["u", 40]), 3)).toEqual([undefined, undefined, "close rounded<close rounded>"]);
  });
});

describe("viseme classes", () => {
  it("know every phone that the voices tell, an affricate as one", () => {
    const english = "p b t d k ɡ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j tʃ dʒ ɾ i ɪ eɪ ɛ æ ɑ ɔ oʊ əʊ ʊ u ʌ ə ɜ aɪ aʊ ɔɪ ɨ ɐ ɒ ɜː".split(" ");
    const mandarin = "p pʰ m f t tʰ n l k kʰ x tɕ tɕʰ ɕ ʈʂ ʈʂʰ ʂ ɻ ts tsʰ s j w ɥ a ɛ e ə ɤ o ɔ ʊ u i y ɨ ɚ ŋ".split(" ");
    for (const phone of [...english, ...mandarin]) expect(classes.of(phone), phone).not.toHaveLength(0);
    for (const affricate of ["tʃ", "dʒ", "tɕʰ", "ʈʂʰ", "ts"]) expect(classes.of(affricate), affricate).toHaveLength(1);
  });

  it("are at least six beside the free one, and no mouth fits half of them", () => {
    const counted = classes.classes.filter(({ free }) => !free);
    expect(counted.length).toBeGreaterThanOrEqual(6);
    for (const aperture of [0, 0.01, 0.1, 0.2, 0.3, 0.5, 0.8])
      for (const spread of [-1, -0.5, -0.25, 0, 0.3, 0.8])
        for (const lowerLip of [0.6, 1]) {
          const fitting = counted.filter((one) => fits(one, { aperture, spread, lowerLip }));
          expect(fitting.length, JSON.stringify({ aperture, spread, lowerLip })).toBeLessThan(counted.length / 2);
        }
  });
});
