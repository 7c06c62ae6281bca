import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignWords } from "./word-alignment.ts";

describe("word alignment", () => {
  it("joins written words that were read together", () => {
    const aligned = alignWords(["We", "open", "at", "10:30", "am."], ["We", "open", "at", "ten", "thirty", "A.M."]);
    expect(aligned).toEqual([
      { text: "We", from: 0, to: 1 },
      { text: "open", from: 1, to: 2 },
      { text: "at", from: 2, to: 3 },
      { text: "10:30 am.", from: 3, to: 6 },
    ]);
  });

  it("leaves out what nothing was said for", () => {
    expect(alignWords(["Hello", "🙂", "there"], ["Hello", "there"]).map((word) => word.text)).toEqual(["Hello", "there"]);
  });

  it("gives every spoken word to exactly one entry, in order", () => {
    const words = fc.array(fc.constantFrom("a", "b", "c", "d,", "E"), { maxLength: 12 });
    fc.assert(
      fc.property(words, words, (written, spoken) => {
        const indices = alignWords(written, spoken).flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n));
        expect(indices).toEqual(spoken.map((_, n) => n));
      }),
    );
  });
});
