import { describe, expect, it } from "vitest";
import { answerKindFit } from "./answer-kind.ts";
import { createLexicalIndex } from "./lexical-index.ts";
import { passagesOf } from "./passage.ts";
import { unitsOf } from "./retrieval-unit.ts";
import { contentWordsOf, stemOf, termsOf } from "./terms.ts";

const hours = {
  id: "hours",
  title: "Opening hours",
  language: "en",
  text: "Open from Tuesday to Friday.\nClosed on Mondays.\n\nThe price is 5 euros.",
};
const tower = { id: "tower", title: "Tower", language: "en", text: "The tower was built by an architect." };
const passages = passagesOf([hours, tower]);

describe("passages", () => {
  it("are sentences that know their paragraph", () => {
    expect(passages.map(({ text, paragraph }) => [text, paragraph])).toEqual([
      ["Open from Tuesday to Friday.", 0],
      ["Closed on Mondays.", 0],
      ["The price is 5 euros.", 1],
      ["The tower was built by an architect.", 0],
    ]);
  });

  it("are found by the days inside a span", () => {
    expect([...(passages[0]?.terms ?? [])]).toEqual(expect.arrayContaining(["tuesday", "wednesday", "thursday", "friday"]));
    expect(passages[0]?.terms.has("saturday")).toBe(false);
  });
});

describe("terms", () => {
  it("leave out what is not asked about", () => {
    expect(contentWordsOf("Um, could you please tell me when the café's open?")).toEqual(["cafe", "open"]);
  });

  it.each([
    ["Sundays", "Sunday"],
    ["parties", "party"],
    ["wheelchairs", "wheelchair"],
    ["guided", "guide"],
    ["opening", "open"],
    ["twelve", "12"],
    ["Wi-Fi", "wifi"],
    ["1,000", "1000"],
  ])("make %s and %s the same", (left, right) => {
    expect(termsOf(left)).toEqual(termsOf(right));
  });

  it("keep words apart that only look alike", () => {
    expect(stemOf("bus")).not.toBe(stemOf("bu"));
    expect(stemOf("glass")).toBe("glass");
  });
});

describe("lexical index", () => {
  const index = createLexicalIndex(unitsOf(passages));

  it("finds a passage by a misheard word, but not by another word that looks alike", () => {
    expect(index.search(termsOf("arkitect")).get(2)?.matched.size).toBe(1);
    expect(index.search(termsOf("prize")).get(1)?.matched.size).toBe(1);
    expect(index.search(termsOf("lower")).get(2)?.matched.size ?? 0).toBe(0);
  });

  it("weighs rare words more than common ones and unknown ones like the rarest", () => {
    expect(index.weight("tower")).toBeGreaterThan(index.weight("open"));
    expect(index.weight("zoo")).toBe(index.weight("tower"));
  });
});

describe("answer kind", () => {
  it.each([
    ["where is the cafe", "The café is on the first floor.", "The café serves soup."],
    ["how much is a ticket", "A ticket costs 12 euros.", "Tickets are sold at the desk."],
    ["when do you close", "The museum closes at 6 in the evening.", "The museum is large."],
    ["who is the director", "The director is Doctor Amina Roth.", "The director has an office."],
  ])("for %s prefers the sentence that gives it", (question, giving, other) => {
    expect(answerKindFit(question, giving)).toBeGreaterThan(answerKindFit(question, other));
  });
});
