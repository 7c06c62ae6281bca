import { describe, expect, it } from "vitest";
import type { RecognisedWord } from "../backend.ts";
import { findNumerals } from "./numerals.ts";
import { joinChinese, normaliseChinese } from "./transcript.ts";

const characters = (text: string): readonly RecognisedWord[] =>
  [...text.matchAll(/\p{Script=Han}[,?!.，。？！]*|[A-Za-z]+|\d+/gu)].map(([word], index) => ({
    text: word,
    startUs: index * 200_000,
    endUs: (index + 1) * 200_000,
    confidence: 0.9,
  }));

const normalised = (text: string) => joinChinese(normaliseChinese(characters(text)));

describe("a Mandarin transcript", () => {
  it.for([
    ["請問一張票多少錢?", "请问一张票多少钱？"],
    ["我想给孩子买两张门票", "我想给孩子买两张门票"],
    ["二零二六年十一月二十二日", "2026年11月22日"],
    ["三百五十块", "350块"],
    ["一万两千零五个人", "12005个人"],
    ["下午三点半", "下午三点半"],
    ["三点五公里", "3.5公里"],
    ["三点五分", "三点五分"],
    ["八点零五分", "八点零五分"],
    ["三点二二分", "三点二二分"],
    ["三千五", "3500"],
    ["一百二", "120"],
    ["三百五", "350"],
    ["两万三", "23000"],
    ["一万三千五", "13500"],
    ["一亿两千万三", "120003000"],
    ["三千零五", "3005"],
    ["三百二十五", "325"],
    ["百分之二十五点五", "25.5%"],
    ["我的电话是一三八零零一二三四五六", "我的电话是13800123456"],
    ["三月八号上午十点", "3月8号上午十点"],
    ["等一下,万一千万别十分着急", "等一下，万一千万别十分着急"],
    ["打开Open Day的门", "打开Open Day的门"],
    ["", ""],
  ])("%j becomes %j", ([text, wanted]) => {
    expect(normalised(text as string)).toBe(wanted);
  });

  it("gives a number the time of all of its characters", () => {
    expect(normaliseChinese(characters("买二十五张"))).toEqual([
      { text: "买", startUs: 0, endUs: 200_000, confidence: 0.9 },
      { text: "25", startUs: 200_000, endUs: 800_000, confidence: expect.closeTo(0.9) },
      { text: "张", startUs: 800_000, endUs: 1_000_000, confidence: 0.9 },
    ]);
  });

  it("leaves numerals alone that make no number", () => {
    for (const text of ["五三", "百十", "三三两两", "一千一千"]) expect(findNumerals(text)).toEqual([]);
  });
});
