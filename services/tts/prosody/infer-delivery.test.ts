import { describe, expect, it } from "vitest";
import { inferDelivery } from "./infer-delivery.ts";

describe("the delivery that words suggest", () => {
  it.each([
    "I'm sorry, I don't know that.",
    "I am terribly sorry for your loss!",
    "Unfortunately the museum is closed today.",
    "Please accept my condolences.",
    "Don't worry, there is plenty of time.",
    "很抱歉，我不知道。",
    "请节哀。",
    "别担心，还有时间！",
  ])("is gentle: %s", (text) => expect(inferDelivery(text)).toBe("gentle"));

  it.each([
    "Congratulations on your new job.",
    "What a goal!",
    "Wow, that is fast!",
    "We have great news.",
    "恭喜你考上大学。",
    "太棒了，我们赢了！",
    "这真是难以置信！",
  ])("is excited: %s", (text) => expect(inferDelivery(text)).toBe("excited"));

  it.each([
    "The museum opens at nine.",
    "Hello there, my friend!",
    "Thank you!",
    "Is the Sorry Café open?",
    "The board game Sorry is popular.",
    "He apologised to his sister in the film.",
    "博物馆九点开门。",
    "您好，欢迎光临！",
    "谢谢！",
    "",
  ])("is neutral: %s", (text) => expect(inferDelivery(text)).toBe("neutral"));
});
