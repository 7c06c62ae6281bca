import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClauseSplitter, splitSentences } from "./clause-splitter.ts";
import { speakableText } from "./speakable-filter.ts";

function clausesOf(deltas: readonly string[]): string[] {
  const splitter = createClauseSplitter();
  return [...deltas.flatMap((delta) => splitter.push(delta)), ...splitter.flush()];
}

/** Cuts at UTF-16 units, so also through surrogate pairs. */
function cut(text: string, sizes: readonly number[]): string[] {
  const deltas: string[] = [];
  let at = 0;
  for (let index = 0; at < text.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    deltas.push(text.slice(at, at + size));
    at += size;
  }
  return deltas;
}

const fragment = fc.oneof(
  fc.constantFrom(
    "Dr. Roth",
    "3.50 euros",
    "1,000 ships",
    "https://a.example/x_y?z=1,2.",
    "e.g. this",
    "at 10 a.m. sharp",
    "J. Peers",
    "wow!",
    "really?",
    "and",
    "so,",
    "**bold**",
    "# Title\n",
    "\n- item",
    "\n1. first",
    "\n\n",
    "[1]",
    "[2, 3]",
    "[text](https://b.example)",
    "![image](c.png)",
    "`code`",
    "```js\nlet a = 1\n```",
    "<b>",
    "<think>hidden. thoughts</think>",
    "🙂",
    "👩‍🚀",
    "🇩🇪",
    "\u0007",
    "\u200b",
    "你好。",
    "今天，开放",
    "\ud800",
    "***",
    "---\n",
    "~~x~~",
    "| a | b |",
    "【1†a】",
    "<",
    "[",
    "!",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.stringMatching(/^[a-z ,.]{0,30}$/),
);
const streamed = fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join(" "));

describe("clause splitter", () => {
  it("gives the same clauses however the text is cut into deltas", () => {
    fc.assert(
      fc.property(streamed, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (text, sizes) => {
        expect(clausesOf(cut(text, sizes))).toEqual(clausesOf([text]));
      }),
      { numRuns: 300 },
    );
  });

  it("loses and adds nothing: the clauses joined are the spoken text", () => {
    const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, "");
    fc.assert(
      fc.property(streamed, (text) => {
        expect(letters(clausesOf([text]).join(" "))).toBe(letters(speakableText(text)));
      }),
      { numRuns: 300 },
    );
    const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,12}[,.!?;:]?$/), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(words, (list) => {
        expect(clausesOf([list.join(" ")]).join(" ")).toBe(speakableText(list.join(" ")));
      }),
    );
  });

  it("never gives an empty clause or one over the limit", () => {
    fc.assert(
      fc.property(fc.oneof(streamed, fc.string({ unit: "binary", maxLength: 2_000 })), (text) => {
        for (const clause of clausesOf([text])) {
          expect(clause.trim()).not.toBe("");
          expect(clause.length).toBeLessThanOrEqual(300);
        }
      }),
    );
  });

  it("ends a long first clause at a comma and later ones at sentence ends", () => {
    const text = "On Sundays the harbour museum is open, as always, from ten to five. On Mondays, which many forget, it is closed.";
    expect(clausesOf([text])).toEqual([
      "On Sundays the harbour museum is open,",
      "as always, from ten to five.",
      "On Mondays, which many forget, it is closed.",
    ]);
  });

  it("gives the first clause as soon as it is complete", () => {
    const splitter = createClauseSplitter();
    expect(splitter.push("Yes, we are open today. T")).toEqual(["Yes, we are open today."]);
  });

  it("keeps numbers, abbreviations, initials and addresses whole", () => {
    const sentences = [
      "Dr. Roth met J. Peers at 10 a.m. and paid 3.50 euros.",
      "See https://museum.example/a.b?c=d, e.g. The page has 1,000 ships!",
    ];
    expect(splitSentences(sentences.join(" "))).toEqual(sentences);
  });

  it("strips what cannot be spoken", () => {
    const text =
      "<think>The user wants. Hours.</think>## Opening hours\n- **Sunday**: 10 to 5 [1].\n- _Monday_: closed 🙂\n\n```js\nx()\n```\nSee [our page](https://x.example)\u0007【3†s】.";
    expect(clausesOf([text])).toEqual(["Opening hours", "Sunday: 10 to 5.", "Monday: closed", "See our page."]);
  });

  it("splits Chinese at its own marks", () => {
    expect(clausesOf(["博物馆星期天开放。星期一关门！"])).toEqual(["博物馆星期天开放。", "星期一关门！"]);
  });

  it("holds back a bounded amount of an unfinished construct", () => {
    const splitter = createClauseSplitter();
    const clauses = splitter.push(`[${"never closed ".repeat(200)}`);
    expect(clauses.join(" ").length).toBeGreaterThan(1_500);
  });
});
