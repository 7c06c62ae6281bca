import { describe, expect, it } from "vitest";
import type { Pronunciation } from "../../backends/backend.ts";
import { cutPronounced } from "./pronunciations.ts";

const entry = (written: string, phones: string, language?: string): Pronunciation => ({ written, spoken: { phones }, language });
const cut = (text: string, ...entries: Pronunciation[]) =>
  cutPronounced(text, entries).map(({ text: stretch, spoken }) => {
    if (spoken === undefined) return stretch;
    return `${stretch}=${"respelling" in spoken ? spoken.respelling : spoken.syllables.map(({ letters, tone }) => letters + tone).join(" ")}`;
  });

describe("a tenant's pronunciations in Mandarin", () => {
  it("finds Chinese words wherever they stand, the longest first", () => {
    expect(cut("去六安市六安", entry("六安", "lu4 an1"), entry("六安市", "lu4 an1 shi4"))).toEqual([
      "去",
      "六安市=lu4 an1 shi4",
      "六安=lu4 an1",
    ]);
  });

  it("finds traditional writing of a simplified entry and the other way round", () => {
    expect(cut("樂清人", entry("乐清", "yue4 qing1"))).toEqual(["樂清=yue4 qing1", "人"]);
    expect(cut("乐清人", entry("樂清", "yue4 qing1"))).toEqual(["乐清=yue4 qing1", "人"]);
  });

  it("matches Latin words whole and regardless of case", () => {
    const troupe: Pronunciation = { written: "Troupe", spoken: { respelling: "出普" } };
    expect(cut("用troupe和Troupes", troupe)).toEqual(["用", "troupe=出普", "和Troupes"]);
  });

  it("passes over what is meant for another language", () => {
    expect(cut("用Troupe", entry("Troupe", "tɹuːp"), entry("用", "yong4", "en"))).toEqual(["用Troupe"]);
  });

  it("refuses Mandarin phones that are no pinyin", () => {
    expect(() => cut("六安", entry("六安", "lxq9", "zh-CN"))).toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
  });
});
