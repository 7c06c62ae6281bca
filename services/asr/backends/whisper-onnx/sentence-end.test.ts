import { describe, expect, it } from "vitest";
import { sentenceEndOf } from "./sentence-end.ts";

const [word, questionMark, ellipsis] = [7, 30, 485];
const vocabulary = { sentenceEnds: [13, questionMark, 0] };

describe("how sure it is that a sentence ends", () => {
  it("is what all marks together have in the place after the last word, whichever was written", () => {
    expect(sentenceEndOf({ tokens: [word, word, questionMark], sentenceEnds: [0, 0.01, 0.96, 0.2] }, vocabulary)).toBe(0.96);
    expect(sentenceEndOf({ tokens: [word, questionMark, questionMark], sentenceEnds: [0, 0.7, 0.3, 0.1] }, vocabulary)).toBe(0.7);
  });

  it("is what they had where none was written", () => {
    expect(sentenceEndOf({ tokens: [word, word], sentenceEnds: [0, 0.01, 0.4] }, vocabulary)).toBe(0.4);
    expect(sentenceEndOf({ tokens: [word, ellipsis], sentenceEnds: [0, 0.3, 0.05] }, vocabulary)).toBe(0.05);
  });

  it("is nothing where the text was cut short or there is none", () => {
    expect(sentenceEndOf({ tokens: [word, word], sentenceEnds: [0, 0.9] }, vocabulary)).toBe(0);
    expect(sentenceEndOf({ tokens: [], sentenceEnds: [0.9] }, vocabulary)).toBe(0);
    expect(sentenceEndOf({ tokens: [questionMark], sentenceEnds: [0.9, 0.9] }, vocabulary)).toBe(0);
  });
});
