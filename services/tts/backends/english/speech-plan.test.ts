import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longestRuns, planSpeech, runLimits } from "./speech-plan.ts";

describe("speech plan", () => {
  const word = (phones: string, spaceAfter = true) => ({ text: phones, phones, spaceAfter });
  const plan = (words: ReturnType<typeof word>[]) => planSpeech(words.map(({ text }) => text).join(" "), words, () => true);

  it("keeps a clause of about 15 words in one run", () => {
    expect(plan(Array.from({ length: 15 }, () => word("tˈɛst"))).runs).toHaveLength(1);
  });

  it("cuts longer text after punctuation, and between words where there is none", () => {
    const clause = [...Array.from({ length: 9 }, () => word("tˈɛstɪŋ")), word("nˈW,")];
    const punctuated = plan([...clause, ...clause, ...clause]).runs;
    expect(punctuated.map((run) => run.ending)).toEqual(["clause", "clause", "clause"]);
    const plain = plan(Array.from({ length: 60 }, () => word("tˈɛstɪŋ"))).runs;
    expect(plain.length).toBeGreaterThan(3);
    for (const run of plain.slice(0, -1)) expect(run.symbols.at(-1)).toBe(" ");
  });

  it("loses no symbol and never makes a run of more than 170", () => {
    const words = fc.array(fc.record({ phones: fc.stringMatching(/^[tˈɛsaɪ]{1,40}[,.]?$/u), spaceAfter: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(words, (list) => {
        const { runs } = plan(list.map(({ phones, spaceAfter }) => word(phones, spaceAfter)));
        for (const run of runs) {
          expect(run.symbols.length).toBeLessThanOrEqual(170);
          expect(run.wordOf).toHaveLength(run.symbols.length);
        }
        const spoken = runs.flatMap((run) => run.symbols).filter((symbol) => /[tɛsaɪ]/u.test(symbol));
        expect(spoken).toHaveLength(list.flatMap(({ phones }) => phones.match(/[tɛsaɪ]/gu) ?? []).length);
      }),
    );
  });

  it("makes runs as short as the machine is slow, within bounds", () => {
    expect(runLimits(0.5, 150)).toEqual(longestRuns);
    expect(runLimits(3, 150)).toEqual({ comfortable: 50, most: 77 });
    expect(runLimits(100, 150).comfortable).toBe(30);
    const words = Array.from({ length: 30 }, () => word("tˈɛst"));
    const { runs } = planSpeech("", words, () => true, runLimits(3, 150));
    for (const run of runs) expect(run.symbols.length).toBeLessThanOrEqual(50);
  });
});
