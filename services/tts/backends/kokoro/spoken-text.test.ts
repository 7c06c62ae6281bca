import { describe, expect, it } from "vitest";
import { readMandarin } from "../../text/mandarin/mandarin.ts";
import { createSegmenter } from "../../text/mandarin/segmenter.ts";
import { layOutMandarin } from "./spoken-text.ts";

const segment = createSegmenter();
const spell = async (text: string) => text.split(/ +/).map((word) => ({ text: word, phones: word.toLowerCase(), spaceAfter: true }));
const layOut = (text: string) => layOutMandarin(text, readMandarin(text, segment), spell);

describe("a Mandarin clause laid out", () => {
  it.each([
    ["你好，欢迎光临！", ["你好，", "欢迎光临！"]],
    ["他说：“你好”。", ["他", "说：", "“你好”。"]],
    ["在2024年3月5日开门", ["在", "2024年", "3月5日", "开门"]],
    ["请用WiFi看App Store。", ["请", "用", "WiFi", "看", "App", "Store。"]],
    ["A座3楼", ["A", "座3楼"]],
  ])("keeps the words of %s as written", async (text, words) => expect((await layOut(text)).words).toEqual(words));

  it("says every word once, in order, with spaces between words and marks after them", async () => {
    const { pieces } = await layOut("你好，世界。");
    expect(pieces.map(({ symbols }) => symbols).join("")).toBe(" ni↗xau↓, ʂɨ↘ʨje↘.");
    expect(pieces.map(({ word }) => word)).toEqual([0, -1, 1, -1]);
  });

  it("names letters that stand alone", async () => {
    const { pieces } = await layOut("B超");
    expect(pieces.map(({ symbols }) => symbols).join("")).toBe(" bˈi ꭧʰau→");
  });

  it("has nothing to say for signs", async () => expect((await layOut("🙂？！…")).pieces.every(({ word }) => word < 0)).toBe(true));
});
