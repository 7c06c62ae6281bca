import { describe, expect, it } from "vitest";
import { englishWords } from "./english-words.ts";

describe("English words", () => {
  it.for([
    ["Please press 1 to mute, or unmute yourself.", "please press one to mute or unmute yourself"],
    ["You may dial it at any time -- it's 8:30 A.M.", "you may dial it at any time its eight thirty am"],
    ["The 21st caller, the 40th and the 12th", "the twenty first caller the fortieth and the twelfth"],
    ["at least a 28.8 kilobit modem", "at least a twenty eight point eight kilobit modem"],
    ["extension 1,234", "extension one thousand two hundred thirty four"],
    ["press # or *", "press pound or star"],
    ["All represenatives; voicemail", "all representatives voice mail"],
    ["", ""],
  ])("%j", ([text, words]) => {
    expect(englishWords(text as string).join(" ")).toBe(words);
  });
});
