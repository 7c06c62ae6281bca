import { describe, expect, it } from "vitest";
import { chooseVoice } from "./voice-choice.ts";

const voices = [
  { id: "american", languages: ["en-US"] },
  { id: "british", languages: ["en-GB"] },
  { id: "mei", languages: ["zh-CN"] },
  { id: "lan", languages: ["zh"] },
];

describe("the choice of a voice", () => {
  it.each([
    ["en", "american"],
    ["en-US", "american"],
    ["en-GB", "british"],
    ["EN_gb", "british"],
    ["en-GB-oxendict", "british"],
    ["en-AU", "american"],
    ["zh", "mei"],
    ["zh-CN", "mei"],
    ["zh-TW", "mei"],
    ["e", undefined],
    ["de", undefined],
  ])("where none is named: %s by %s", (language, id) => expect(chooseVoice(voices, { language })?.id).toBe(id));

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ["en-GB", { en: "american" }, "american"],
    ["en-GB", { "en-US": "american" }, "american"],
    ["en-GB", { "en-US": "american", en: "american", "en-GB": "british" }, "british"],
    ["en-AU", { "en-US": "american", en: "british" }, "british"],
    ["zh", { "zh-CN": "lan" }, "lan"],
    ["zh-CN", { zh: "lan" }, "lan"],
    ["zh_cn", { "zh-CN": "lan" }, "lan"],
    ["en-GB", { en: "nobody" }, "british"],
    ["en-GB", { en: "mei", zh: "american" }, "british"],
  ])("for %s where the speaker names %j: %s", (language, own, id) => expect(chooseVoice(voices, { language, voices: own })?.id).toBe(id));
});
