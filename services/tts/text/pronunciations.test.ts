import * as ort from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import type { Pronunciation } from "../backends/backend.ts";
import { findEnglishModel } from "./english-model.testing.ts";
import { createGraphemeToPhoneme, type GraphemeToPhoneme } from "./grapheme-to-phoneme.ts";
import { ipaToVoice } from "./ipa-to-voice.ts";
import { readLanguageData } from "./language-data.ts";
import { createNormalizer } from "./normalize.ts";
import { createWordGuesser } from "./oov-network.ts";
import { checkPronunciations } from "./pronunciation-check.ts";
import { pronounce } from "./pronunciations.ts";

const respelled = (written: string, respelling: string, language?: string): Pronunciation => ({
  written,
  ...(language !== undefined && { language }),
  spoken: { respelling },
});
const phoned = (written: string, phones: string, language?: string): Pronunciation => ({
  written,
  ...(language !== undefined && { language }),
  spoken: { phones },
});

describe("a tenant's respellings", () => {
  const dictionary = [
    respelled("Nguyen", "win"),
    respelled("New Delhi", "new delly"),
    respelled("Delhi", "dilly"),
    respelled("你好", "knee how"),
  ];
  it.each([
    ["Mr. Nguyen is here.", "Mr. win is here."],
    ["NGUYEN's and nguyen’s seats; two Nguyens.", "win's and win’s seats; two wins."],
    ["New Delhi, then Delhi.", "new delly, then dilly."],
    ["Nguyenson and Kinguyen stay.", "Nguyenson and Kinguyen stay."],
    ["Nguyen-Smith", "win-Smith"],
    ["nothing to do", "nothing to do"],
  ])("say %j as %j", (text, spoken) => expect(pronounce(text, dictionary).text).toBe(spoken));

  it("hold for their language only", () => {
    expect(pronounce("Paris", [respelled("Paris", "parry", "fr")]).text).toBe("Paris");
    expect(pronounce("Paris", [respelled("Paris", "parry", "en-GB")]).text).toBe("parry");
    expect(pronounce("Paris", [respelled("Paris", "巴黎")]).text).toBe("Paris");
  });
});

describe("a clause that a dictionary makes too long", () => {
  const letters = "a ".repeat(500);
  it.each([
    ["respellings", respelled("a", "b".repeat(160))],
    ["phones", phoned("a", "ə".repeat(160))],
  ])("is refused: %s", (_name, entry) =>
    expect(() => pronounce(letters, [entry])).toThrow(expect.objectContaining({ reason: "TEXT_TOO_LONG" })),
  );
  it("may be 4,000 characters long", () => {
    expect(pronounce("a".repeat(25).split("").join(" "), [respelled("a", "b".repeat(159))]).length).toBe(3_999);
    expect(pronounce(letters, [phoned("a", "ˈeɪ")]).length).toBe(1_500);
  });
});

describe("IPA as phones of the voice", () => {
  it.each([
    ["ˈtɹuːp", "tɹˈup"],
    ["t͡ʃaɪˈkɑfski", "ʧIkˈɑfski"],
    ["dʒoʊ", "ʤˈO"],
    ["ɲɔ̃", "njˈɔ"],
    ["ˌmɛrɪ ˈpɒpɪnz", "mˌɛɹɪ pˈɑpɪnz"],
    ["ˈstɹɛŋθ", "stɹˈɛŋθ"],
  ])("reads %j", (ipa, phones) => expect(ipaToVoice(ipa)).toBe(phones));
  it.each(["", "§", "博", "t", "<b>"])("refuses %j", (ipa) => expect(ipaToVoice(ipa)).toBeUndefined());
  it("stresses the first vowel where nothing is marked", () => expect(ipaToVoice("təmeɪtoʊ")).toBe("tˈəmAtO"));
});

describe("a tenant's phones in a sentence", () => {
  let read: GraphemeToPhoneme;
  let normalize: (text: string) => string;
  beforeAll(async () => {
    const { file } = await findEnglishModel();
    const data = readLanguageData(file);
    const network = await ort.InferenceSession.create(file("oov.onnx"), { intraOpNumThreads: 1 });
    const tensor = (ids: readonly number[]) => new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]);
    read = createGraphemeToPhoneme(data, createWordGuesser(network, data.oov, tensor));
    normalize = createNormalizer(data.normalization);
  });
  const words = async (text: string, dictionary: readonly Pronunciation[]) => {
    const pronounced = pronounce(text, dictionary);
    return (await read(normalize(pronounced.text), pronounced.readings)).map(({ text: word, phones }) => [word, phones]);
  };

  it("replace the word, with its endings, and keep what was written", async () => {
    const dictionary = [phoned("Xiaomi", "ˈʃaʊmi"), phoned("São Paulo", "saʊ̃ ˈpaʊlu", "en")];
    expect(await words("Xiaomi's shop in são paulo, Dr. Xiaomi!", dictionary)).toEqual([
      ["Xiaomi's", "ʃˈWmiz"],
      ["shop", "ʃˈɑp"],
      ["in", "ɪn"],
      ["são paulo", "sW pˈWlu"],
      [",", ","],
      ["Dr", expect.any(String)],
      ["Xiaomi", "ʃˈWmi"],
      ["!", "!"],
    ]);
  });

  it("hold inside quotation marks", async () => {
    const phones = (await words('Say "Xiaomi" now, or Xiaomi/Xyzzy.', [phoned("Xiaomi", "ˈʃaʊmi")])).map(([, read]) => read);
    expect(phones.join(" ")).toMatch(/^sˈA ʃˈWmi nˈW , ɔɹ ʃˈWmi\S* /);
  });

  it("go into compounds", async () => {
    expect((await words("the Xiaomi-based phone", [phoned("Xiaomi", "ˈʃaʊmi")])).map(([word]) => word)).toEqual([
      "the",
      "Xiaomi-based",
      "phone",
    ]);
  });

  it("are refused where they are no IPA, and passed over when they may be another language's", () => {
    expect(() => pronounce("Wang", [phoned("Wang", "wang§", "en")])).toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
    expect(pronounce("Wang", [phoned("Wang", "wang2")]).text).toBe("Wang");
  });
});

describe("a pronunciation dictionary", () => {
  const ok = respelled("Nguyen", "win");
  it("may hold 500 entries of names in any script", () => {
    checkPronunciations(Array(500).fill(ok));
    checkPronunciations([
      respelled("O'Neill & Sons", "o neel and sons"),
      phoned("王小明", "wang2 xiao3 ming2", "zh-CN"),
      phoned("Tchaikovsky", "t͡ʃaɪˈkɒfski"),
    ]);
  });
  it.each<[string, readonly Pronunciation[]]>([
    ["501 entries", Array(501).fill(ok)],
    ["nothing written", [respelled("", "win")]],
    ["signs alone", [respelled("...", "win")]],
    ["markup", [respelled("a<b>", "win")]],
    ["a long word", [respelled("a".repeat(81), "win")]],
    ["an empty respelling", [respelled("a", " ")]],
    ["a long respelling", [respelled("a", "b".repeat(161))]],
    ["control characters", [respelled("a", "b\u0000\u202ec")]],
    ["markup as phones", [phoned("a", "<phoneme>")]],
    ["no language", [respelled("a", "b", "../en")]],
  ])("is refused with %s", (_name, entries) =>
    expect(() => checkPronunciations(entries)).toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" })),
  );
  it("costs nothing worth speaking of on hostile text", () => {
    const dictionary = Array.from({ length: 500 }, (_, index) => respelled(`a${"b".repeat(index % 80)}`, "c"));
    for (const text of ["ab".repeat(500), "a ".repeat(500), "a's".repeat(333)])
      expect(pronounce(text, dictionary).text.length).toBeGreaterThan(0);
  }, 2_000);
});
