import { describe, expect, it } from "vitest";
import { cardinal, decimal, ordinal, spellDigits, year } from "./number-words.ts";

describe("number words", () => {
  it.each([
    ["0", "zero"],
    ["007", "seven"],
    ["21", "twenty-one"],
    ["110", "one hundred ten"],
    ["1001", "one thousand one"],
    ["1000000", "one million"],
    ["48213", "forty-eight thousand two hundred thirteen"],
  ])("reads %s as %s", (digits, words) => expect(cardinal(digits)).toBe(words));

  it("reads more than 30 digits one by one", () => {
    expect(cardinal("9".repeat(31)).split(" ")).toHaveLength(31);
    expect(cardinal("9".repeat(30))).toMatch(/^nine hundred ninety-nine octillion/);
  });

  it.each([
    ["1", "first"],
    ["12", "twelfth"],
    ["20", "twentieth"],
    ["35", "thirty-fifth"],
    ["100", "one hundredth"],
  ])("reads %s. as %s", (digits, words) => expect(ordinal(digits)).toBe(words));

  it.each([
    ["1905", "nineteen oh five"],
    ["1900", "nineteen hundred"],
    ["2000", "two thousand"],
    ["2005", "two thousand five"],
    ["2024", "twenty twenty-four"],
  ])("reads the year %s as %s", (digits, words) => expect(year(digits)).toBe(words));

  it("drops the zeros at the end of decimals", () => {
    expect(decimal("3.140")).toBe("three point one four");
    expect(decimal("5.0")).toBe("five");
    expect(spellDigits("408")).toBe("four zero eight");
  });
});
