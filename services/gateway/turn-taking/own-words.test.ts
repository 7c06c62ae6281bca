import { describe, expect, it } from "vitest";
import { saysOwnWords } from "./own-words.ts";

const spoken = "On Sundays the museum is open from 10 in the morning to 5 in the afternoon. The last entry is at half past four.";

describe("the avatar's own words in the microphone", () => {
  it.each([
    "the museum is open from",
    "Museum is open from ten in the morning.",
    "The last entry is at half past four",
    "is at half past four.",
  ])("are known again: %s", (heard) => expect(saysOwnWords(heard, spoken)).toBe(true));

  it("are known again in Mandarin, where some were misheard", () => {
    expect(saysOwnWords("博物馆星期天上午十点开们", "博物馆星期天上午十点开门，下午五点关门。")).toBe(true);
  });

  it.each([
    "And what about Mondays?",
    "Stop, please.",
    "How much is the last entry ticket for children?",
    "the museum",
    "Wait, is it open on holidays too?",
    "",
  ])("are not taken for a person's: %s", (heard) => expect(saysOwnWords(heard, spoken)).toBe(false));
});
