import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readPiperConfig } from "./piper-config.ts";
import { espeakSpelling } from "./piper-symbols.ts";

describe("espeak-ng's spelling", () => {
  it.each([
    ["mjuzˈiəm", "mjuːzˈiːəm"],
    ["ˈOpᵊnz", "ˈoʊpənz"],
    ["bˈɜɹd", "bˈɜːd"],
    ["wˈɔTəɹ", "wˈɔːɾɚ"],
    ["ʤˈʌʤəz", "dʒˈʌdʒəz"],
    ["hˈæpi", "hˈæpi"],
    ["ðə kˈɑɹ, nˈW.", "ðə kˈɑːɹ, nˈaʊ."],
  ])("of %s is %s", (phones, spelled) => expect(espeakSpelling([...phones]).join("")).toBe(spelled));

  it("keeps one string a symbol, so that times can be told", () => expect(espeakSpelling([..."bˈɜɹdᵊn"])).toHaveLength(7));
});

describe("a Piper voice's configuration", () => {
  const good = {
    audio: { sample_rate: 22_050 },
    espeak: { voice: "en-us" },
    inference: { length_scale: 1 },
    phoneme_id_map: { _: [0], a: [14] },
  };
  const written = async (content: unknown) => {
    const folder = await mkdtemp(join(tmpdir(), "piper-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "voice.onnx.json");
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };

  it("is read", async () => expect(readPiperConfig(await written(good))).toMatchObject({ audio: { sample_rate: 22_050 } }));
  it.each<[string, unknown, object]>([
    [
      "another language",
      { ...good, espeak: { voice: "de" } },
      { reason: "LANGUAGE_UNSUPPORTED", message: expect.stringContaining("front end") },
    ],
    ["letters for phones", { ...good, phoneme_type: "text" }, { reason: "LANGUAGE_UNSUPPORTED" }],
    ["no JSON", "{", { reason: "MODEL_CORRUPT" }],
    ["no symbols", { ...good, phoneme_id_map: undefined }, { reason: "MODEL_CORRUPT" }],
  ])("is refused for %s", async (_name, content, error) => {
    const path = await written(content);
    expect(() => readPiperConfig(path)).toThrow(expect.objectContaining(error));
  });
});
