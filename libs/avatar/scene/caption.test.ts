import { createCanvas } from "@napi-rs/canvas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakLines, drawCaption } from "./caption.ts";

const graphemes = (text: string) =>
  [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map(({ segment }) => segment);
/** As wide as it has characters; a wide script counts double. */
const measure = (line: string) => graphemes(line).reduce((width, one) => width + (/[\u3000-\u9fff]/u.test(one) ? 2 : 1), 0);
const withoutSpaces = (text: string) => text.replaceAll(/\s/gu, "");

describe("caption lines", () => {
  it.each([
    ["the quick brown fox", 10, ["the quick", "brown fox"]],
    ["  a  b ", 10, ["a  b"]],
    ["a donaudampfschiff", 6, ["a", "donaud", "ampfsc", "hiff"]],
    ["日曜日は十時から", 8, ["日曜日は", "十時から"]],
    ["周一休息，周二开门。", 8, ["周一休", "息，周二", "开门。"]],
    ["她说（轻声）好", 6, ["她说", "（轻声）", "好"]],
    ["👩‍👩‍👧‍👦👩‍👩‍👧‍👦 ok", 1, ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦", "o", "k"]],
    ["   ", 5, []],
  ])("of %j at a width of %i are %j", (text, width, lines) => expect(breakLines(text, measure, width)).toEqual(lines));

  it("lose nothing and fit, unless a single character is too wide", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(fc.constantFrom("a", "word", "日本", " ", "  ", "\n", "é", "🎟️", "longerword")).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 24 }), (given, width) => {
        const lines = breakLines(given, measure, width);
        expect(withoutSpaces(lines.join(""))).toBe(withoutSpaces(given));
        for (const line of lines) {
          expect(line.trim()).not.toBe("");
          if (graphemes(line).length > 1) expect(measure(line)).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  it("keep words whole that fit into a line", () => {
    const word = fc.constantFrom("a", "the", "museum", "opens");
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 6, max: 30 }), (words, width) => {
        expect(breakLines(words.join(" "), measure, width).join(" ")).toBe(words.join(" "));
      }),
    );
  });
});

describe("a drawn caption", () => {
  const changedRows = (text: string) => {
    const [width, height] = [360, 640];
    const canvas = createCanvas(width, height);
    drawCaption(canvas.getContext("2d"), text, width, height);
    const pixels = canvas.data();
    return Array.from({ length: height }, (_, y) => y).filter((y) =>
      pixels.subarray(y * width * 4, (y + 1) * width * 4).some((value) => value !== 0),
    );
  };

  it("stands over the lower edge and grows with its lines, up to three", () => {
    const [one, three, more] = [changedRows("Hello."), changedRows("word ".repeat(25)), changedRows("word ".repeat(200))];
    expect(Math.min(...one)).toBeGreaterThan(560);
    expect(Math.max(...one)).toBeLessThan(640);
    expect(three.length).toBeGreaterThan(2 * one.length - 20);
    expect(more).toHaveLength(three.length);
  });

  it("of nothing draws nothing", () => expect(changedRows(" \n ")).toEqual([]));
});
