import { describe, expect, it } from "vitest";
import { findEnglishModel } from "./english-model.testing.ts";
import { type NormalizationTables, readJson } from "./language-data.ts";
import { createNormalizer } from "./normalize.ts";

const model = await findEnglishModel();

describe("normalisation", () => {
  const normalize = createNormalizer(readJson<NormalizationTables>(model.file("normalize.json")));

  it.each([
    ["at 10:30 am", "at ten thirty A.M."],
    ["at 7:00", "at seven o'clock"],
    ["at 21:05", "at twenty-one oh five"],
    ["at 25:99", "at 25:99"],
    ["on 2024-02-29", "on February twenty-ninth, 2024"],
    ["on 12/25/99", "on December twenty-fifth, 1999"],
    ["on 25/12/2020", "on December twenty-fifth, 2020"],
    ["on 99/99/2020", "on 99/99/2020"],
    ["March 5th, 2024", "March fifth, 2024"],
    ["the 5 of Mar", "the fifth of March"],
    ["$3.5 million", "3.5 million dollars"],
    ["¥1 or ₹20", "1 yen or 20 rupees"],
    ["50¢", "50 cents"],
    ["1 km and 2 kg", "1 kilometer and 2 kilograms"],
    ["-5°C", "-5 degrees Celsius"],
    ["Dr. Smith on Baker St.", "Dr Smith on Baker Street."],
    ["St. Paul", "Saint Paul"],
    ["No. 5, #6", "Number 5, number 6"],
    ["Chapter IV by Henry VIII", "Chapter 4 by Henry the eighth"],
    ["Queen Victoria, Part Ideas, Louis Vuitton", "Queen Victoria, Part Ideas, Louis Vuitton"],
    ["555-0123", "5 5 5, 0 1 2 3"],
    ["3/4 and 1/2", "3 quarters and one half"],
    ["pages 10-15", "pages 10 to 15"],
    ["from 9:30-11:00", "from nine thirty to eleven o'clock"],
    ["9 am–5 pm", "nine A.M. to five P.M."],
    ["at 3 p.m. today", "at three P.M. today"],
    ["at 3 p.m.", "at three P.M."],
    ["I am 9", "I am 9"],
    ["12:00 noon", "twelve noon"],
    ["Mon-Fri, Sat 10:00", "Monday to Friday, Saturday ten o'clock"],
    ["25%–30% or 10-15%", "25 to 30% or 10 to 15%"],
    ["+1 (212) 555-0187", "plus 1, 2 1 2, 5 5 5, 0 1 8 7"],
    ["212.555.0187", "2 1 2, 5 5 5, 0 1 8 7"],
    ["1-800-555-0199", "1, 8 0 0, 5 5 5, 0 1 9 9"],
    ["ISBN 978-3-16-148410-0", "ISBN 9 7 8, 3, 1 6, 1 4 8 4 1 0, 0"],
    ["2 1/2 or 2¾ cups", "2 and a half or 2 and three quarters cups"],
    ["10 m² of 5 m3", "10 square meters of 5 cubic meters"],
    ["4.5 m and 1 g", "4.5 meters and 1 gram"],
    ["$5m, $1.5bn", "5 million dollars, 1.5 billion dollars"],
    ["20 USD, JPY 500, US$5", "20 dollars, 500 yen, $5"],
    ["5'10\"", "5 foot 10"],
    ["10⁶", "10 to the power of 6"],
    ["3x faster", "3 times faster"],
    ["05.03.2024 or 2024/03/05", "March fifth, 2024 or March fifth, 2024"],
    ["p. 7, pp. 8-9", "page 7, pages 8 to 9"],
    ["C# 24/7", "C sharp 24 7"],
    ["≥ 5, ≈50", "at least 5, about 50"],
    ["2 + 3 = 5", "2 + 3 equals 5"],
    ["a < b", "a less than b"],
    ["mail info@troupe.dev", "mail info at troupe dot dev"],
    ["see https://www.example.org/a-b/.", "see example dot org slash a dash b."],
    ["on example.com, now", "on example dot com, now"],
    ["[our page](https://example.org) <b>here</b>", "our page here"],
    ["good 🙂 day\u200b\u0007!", "good day!"],
    ["node.js and i.e. e.g.", "node.js and i.e. e.g."],
  ])("reads %j as %j", (written, spoken) => expect(normalize(written)).toBe(spoken));

  it("reads hostile text in no time", () => {
    for (const piece of ["[", "<a ", "1,", "1-", "a.", "a@", "9/", "((", "I", "https://a", "10:"]) {
      expect(normalize(piece.repeat(1_000).slice(0, 1_000)).length).toBeGreaterThan(0);
    }
  }, 3_000);
});
