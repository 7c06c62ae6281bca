import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countEdits, errorRate } from "./error-rate.ts";

const words = (text: string) => text.split(" ").filter((word) => word !== "");

describe("error rate", () => {
  it.for([
    ["one two three", "one two three", { substituted: 0, deleted: 0, inserted: 0, length: 3 }],
    ["one two three", "one too three", { substituted: 1, deleted: 0, inserted: 0, length: 3 }],
    ["one two three", "one three", { substituted: 0, deleted: 1, inserted: 0, length: 3 }],
    ["one two three", "one two two three", { substituted: 0, deleted: 0, inserted: 1, length: 3 }],
    ["", "one", { substituted: 0, deleted: 0, inserted: 1, length: 0 }],
    ["one two", "", { substituted: 0, deleted: 2, inserted: 0, length: 2 }],
  ] as const)("from %j to %j", ([reference, hypothesis, edits]) => {
    expect(countEdits(words(reference), words(hypothesis))).toEqual(edits);
  });

  it("is of all tokens together, not the mean of the rates", () => {
    expect(errorRate([countEdits(words("a"), words("b")), countEdits(words("a b c"), words("a b c"))])).toBe(25);
    expect(errorRate([])).toBeNaN();
  });

  it("is symmetric in the number of edits and within the longer length", () => {
    const tokens = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
    fc.assert(
      fc.property(tokens, tokens, (one, other) => {
        const forth = countEdits(one, other);
        const back = countEdits(other, one);
        const sum = forth.substituted + forth.deleted + forth.inserted;
        expect(back.substituted + back.deleted + back.inserted).toBe(sum);
        expect(sum).toBeLessThanOrEqual(Math.max(one.length, other.length));
        expect(forth.inserted - forth.deleted).toBe(other.length - one.length);
      }),
    );
  });
});
