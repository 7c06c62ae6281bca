import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chineseTokens } from "./chinese-tokens.ts";
import { englishTokens } from "./english-tokens.ts";
import { parseSentences } from "./sentences.ts";

describe("English tokens", () => {
  it.each([
    ["one thousand two hundred and fifty", "1,250"],
    ["March fifth nineteen eighty seven", "March 5th, 1987."],
    ["ten thirty", "10:30"],
    ["three point one four", "3.14"],
    ["seven point five percent", "7.5%"],
    ["twenty oh five", "20:05"],
    ["at seven o'clock", "at 7:00"],
    ["three dollars and fifty cents", "$3.50"],
    ["four point two million dollars", "$4.2 million"],
    ["twelve million people", "12 million people"],
    ["five five five zero one two three", "555-0123"],
    ["the nineteen seventies", "the 1970s"],
    ["minus five degrees", "-5°"],
    ["Henry the eighth", "Henry VIII"],
    ["info at museum dot org", "info@museum.org"],
    ["at three pm", "at 3 p.m."],
    ["the US embassy", "The U.S. Embassy"],
    ["gate B seven", "Gate B7"],
    ["fifteen thousand", "15,000"],
    ["two thirds", "two-thirds"],
    ["three to two", "3-2"],
    ["one thousand nine hundred and ninety nine dollars", "$1,999"],
  ])("are the same for %j and %j", (said, written) => expect(englishTokens(written)).toEqual(englishTokens(said)));

  it.each([
    ["three fourteen", "3.14"],
    ["three hundred and fourteen", "3.14"],
    ["seventy five percent", "7.5%"],
    ["forty five meters", "4.5 m"],
    ["forty two million dollars", "$4.2 million"],
  ])("hear a lost point: %j is not %j", (said, written) => expect(englishTokens(written)).not.toEqual(englishTokens(said)));

  it("differ where words do", () => {
    expect(englishTokens("fifteen")).not.toEqual(englishTokens("fifty"));
    expect(englishTokens("ten to twenty")).not.toEqual(englishTokens("10 20"));
    expect(englishTokens("The cat sat.")).toEqual(["the", "cat", "sat"]);
  });
});

describe("Chinese tokens", () => {
  it.each([
    ["一千二百五十张", "1250张"],
    ["二零二六年十月一日", "2026年10月1日"],
    ["百分之七点五", "7.5%"],
    ["十点半", "10:30"],
    ["两千五百元", "2500元。"],
    ["一千二百万人口", "1200万人口"],
    ["幺三八零零", "13800"],
    ["四分之三", "3/4"],
    ["文件存成pdf格式", "文件存成PDF格式"],
  ])("are the same for %j and %j", (said, written) => expect(chineseTokens(written)).toEqual(chineseTokens(said)));
  it("are characters, and words of other scripts", () =>
    expect(chineseTokens("请打开 Wi-Fi，好吗？")).toEqual([..."请打开", "wifi", ..."好吗"]));
});

describe("the sentences", () => {
  it.each([
    ["en", 140],
    ["zh", 60],
  ] as const)("in %s are %i, no two alike", (language, count) => {
    const sentences = parseSentences(readFileSync(new URL(`./sentences-${language}.txt`, import.meta.url), "utf8"));
    expect(new Set(sentences.map(({ written }) => written)).size).toBe(count);
  });
});
