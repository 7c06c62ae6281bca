import * as ort from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { findEnglishModel } from "./english-model.testing.ts";
import { createGraphemeToPhoneme, type GraphemeToPhoneme } from "./grapheme-to-phoneme.ts";
import { readLanguageData } from "./language-data.ts";
import { createWordGuesser } from "./oov-network.ts";

const model = await findEnglishModel();

describe("grapheme to phoneme", () => {
  let read: GraphemeToPhoneme;
  beforeAll(async () => {
    const { file } = model;
    const data = readLanguageData(file);
    const network = await ort.InferenceSession.create(file("oov.onnx"), { intraOpNumThreads: 1 });
    const tensor = (ids: readonly number[]) => new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]);
    read = createGraphemeToPhoneme(data, createWordGuesser(network, data.oov, tensor));
  });
  const phonesOf = async (text: string) => (await read(text)).map((word) => word.phones + (word.spaceAfter ? " " : "")).join("");

  it.each([
    ["I read it, and I will read it.", "ˌI ɹˈɛd ɪt, ænd ˌI wɪl ɹˈid ɪt."],
    ["Please record a new record.", "plˈiz ɹəkˈɔɹd ɐ nˈu ɹˈɛkəɹd."],
    ["The wind was too strong to wind the sail.", "ðə wˈɪnd wʌz tˈu stɹˈɔŋ tə wˈInd ðə sˈAl."],
    ["Close the door, we are close.", "klˈOz ðə dˈɔɹ, wi ɑɹ klˈOs."],
  ])("reads heteronyms by part of speech: %s", async (text, phones) => expect(await phonesOf(text)).toBe(phones));

  it.each([
    ["The apple and the pear.", "ði ˈæpᵊl ænd ðə pˈɛɹ."],
    ["I want to eat and to sleep.", "ˌI wˈɑnt tʊ ˈit ænd tə slˈip."],
    ["An hour in a house; come in.", "ɐn ˈWəɹ ɪn ɐ hˈWs; kˈʌm ˈɪn."],
    ["He used to sing, but used a key.", "hˌi jˈust tə sˈɪŋ, bˌʌt jˈuzd ɐ kˈi."],
  ])("lets function words follow their neighbours: %s", async (text, phones) => expect(await phonesOf(text)).toBe(phones));

  it.each([
    ["Boxes, churches and judges.", "bˈɑksᵻz, ʧˈɜɹʧᵻz ænd ʤˈʌʤəz."],
    ["He wanted, walked and hugged.", "hˌi wˈɑntᵻd, wˈɔkt ænd hˈʌɡd."],
    ["Batting and panicking cats' whiskers.", "bˈæTɪŋ ænd pˈænɪkɪŋ kˈæts wˈɪskəɹz."],
  ])("builds inflected forms from their stems: %s", async (text, phones) => expect(await phonesOf(text)).toBe(phones));

  it.each([
    [
      "In 1999, 1,250,000 people paid $12.50 or £1.",
      "ɪn nˌIntˈin nˈIndi nˈIn, wˈʌn mˈɪljᵊn tˈu hˈʌndɹəd fˈɪfti θˈWzᵊnd pˈipᵊl pˈAd twˈɛlv dˈɑləɹz ænd fˈɪfti sˈɛnts ɔɹ wˈʌn pˈWnd.",
    ],
    ["He came 23rd in the 1990s.", "hˌi kˈAm twˈɛnti θˈɜɹd ɪn ðə nˌIntˈin nˈIndiz."],
    ["Version 3.11.4 of the A320.", "vˈɜɹʒən θɹˈi əlˈɛvᵊn fˈɔɹ ʌv ði ˈA θɹˈi twˈɛnti."],
    ["It grew by 7.5%.", "ˌɪt ɡɹˈu bI sˈɛvən pYnt fˈIv pəɹsˈɛnt."],
  ])("reads numbers, years and money: %s", async (text, phones) => expect(await phonesOf(text)).toBe(phones));

  it.each([
    ["NASA, the FBI and the U.S. embassy.", "nˈæsə, ði ˌɛfbˌiˈI ænd ðə jˌuˈɛs ˈɛmbəsi."],
    ["Nguyen composed Troupe on arXiv.", "əŋˈIən kəmpˈOzd tɹˈup ˌɔn ˈɑɹkˌIv."],
    ["R2D2 bought a B2B iPhone 15.", "ˈɑɹtədˈi tˈu bˈɔt ɐ bˈitəbˈi ˈIfˌOn fˌɪftˈin."],
  ])("spells initialisms and guesses unknown words: %s", async (text, phones) => expect(await phonesOf(text)).toBe(phones));

  it.each([
    ["State-of-the-art text-to-speech is well-known.", "stˈAtʌvðiˈɑɹt tˈɛksttəspˈiʧ ɪz wˌɛlnˈOn."],
    ["My mother-in-law is old-fashioned.", "mˌI mˈʌðəɹənlˌɔ ɪz ˌOldfˈæʃənd."],
  ])("settles stress in compounds: %s", async (text, phones) => expect(await phonesOf(text)).toBe(phones));

  it("reads hostile text in no time", async () => {
    for (const piece of ["a", "1", "!", "'", "a-", "1.", "A.", "$", "é", "a'"]) {
      const words = await read(piece.repeat(1_000).slice(0, 1_000));
      expect(words.map((word) => word.text).join("")).toHaveLength(1_000);
    }
  }, 5_000);
});
