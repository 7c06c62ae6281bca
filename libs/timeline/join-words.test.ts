import { describe, expect, it } from "vitest";
import { joinWords } from "./join-words.ts";

describe("words joined", () => {
  it.each([
    [["What", "time", "is", "it?"], "What time is it?"],
    [["博物馆", "每天", "开门。"], "博物馆每天开门。"],
    [["请用", "App", "预约，", "3", "元"], "请用App预约，3元"],
    [["", " a ", "", "b"], "a b"],
    [["没有 空格", "的"], "没有 空格的"],
    [[], ""],
  ])("%j are %j", (words, text) => expect(joinWords(words)).toBe(text));
});
