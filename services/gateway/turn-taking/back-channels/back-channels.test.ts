import { describe, expect, it } from "vitest";
import { type Meaning, meaningOf } from "./back-channels.ts";

const meant = (meaning: Meaning, ...texts: readonly string[]) => texts.map((text) => [text, meaning] as const);

describe("what words mean that are spoken into a response", () => {
  it.each([
    ...meant("nothing", "", " ", "。", "..."),
    ...meant("back-channel", "Mm-hm.", "uh-huh", "Uh huh, right.", "Yeah, yeah.", "I see.", "That's right", "OH", "Okay…"),
    ...meant("closing", "Thank you.", "Okay, thanks.", "Thanks a lot!"),
    ...meant("stop", "Stop!", "No, no.", "Okay, stop.", "Wait a moment."),
    ...meant("words", "Yeah, but", "Okay, so what", "Thank you, that's", "And on Monday?", "Excuse my asking"),
    ...meant("word", "Write", "Nothing.", "Mara"),
  ])("in English: %s is %s", (text, meaning) => expect(meaningOf(text)).toBe(meaning));

  it.each([
    ...meant(
      "back-channel",
      "嗯",
      "嗯嗯嗯",
      "对",
      "对对",
      "對對對。",
      "对，对，对！",
      "對 對",
      "好",
      "好的。",
      "好好好",
      "是的",
      "是吗？",
      "是嗎",
    ),
    ...meant(
      "back-channel",
      "明白",
      "明白了。",
      "没错",
      "沒錯。",
      "行",
      "嗯，好",
      "嗯，好的",
      "哦，是这样啊",
      "没问题",
      "太好了",
      "当然",
      "真的吗？",
    ),
    ...meant("closing", "谢谢", "謝謝。", "好的，谢谢你", "嗯谢谢"),
    ...meant(
      "stop",
      "不对",
      "不對。",
      "不对不对",
      "等一下",
      "等一下！",
      "等等",
      "停",
      "好了，停",
      "嗯，不是",
      "不是",
      "不好意思",
      "别说了",
      "没有",
      "是不是",
      "对不对",
      "好了好了",
    ),
    ...meant("words", "好的我想问", "好的，我想问一下", "对了，那门票呢", "好吃吗", "没错误", "那儿童呢", "明白人", "部队在哪里"),
    ...meant("word", "对了", "是谁", "好贵", "你好", "门票"),
  ])("in Mandarin: %s is %s", (text, meaning) => expect(meaningOf(text)).toBe(meaning));

  it("takes nothing of that length for a back-channel", () => {
    expect(meaningOf("yeah ".repeat(20))).toBe("words");
    expect(meaningOf("yeah ".repeat(10))).toBe("back-channel");
  });
});
