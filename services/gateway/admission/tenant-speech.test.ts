import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadTenantSpeech } from "./tenant-speech.ts";

describe("a tenant's speech", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenants-"));
    await mkdir(join(folder, "acme"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = async (content: unknown) => {
    await writeFile(join(folder, "acme", "speech.json"), typeof content === "string" ? content : JSON.stringify(content));
    return await loadTenantSpeech(folder, "acme");
  };

  it("is empty without a file", async () => {
    expect(await loadTenantSpeech(folder, "nobody")).toEqual({ hotWords: [], pronunciations: [] });
  });

  it("holds words to expect and how to say them", async () => {
    const pronunciations = [
      { written: "Siobhan", respelling: "shi vawn" },
      { written: "重庆", language: "zh", phones: "chong2 qing4" },
    ];
    expect(await load({ hotWords: [" Siobhan "], pronunciations })).toMatchObject({
      hotWords: ["Siobhan"],
      pronunciations: [
        { written: "Siobhan", language: "", spoken: { case: "respelling", value: "shi vawn" } },
        { written: "重庆", language: "zh", spoken: { case: "phones", value: "chong2 qing4" } },
      ],
    });
  });

  it.each([
    ["text", "{"],
    ["an unknown field", { hotwords: [] }],
    ["too many hot words", { hotWords: Array(101).fill("a") }],
    ["a hot word that is too long", { hotWords: ["a".repeat(51)] }],
    ["an empty hot word", { hotWords: ["  "] }],
    ["a pronunciation without sound", { pronunciations: [{ written: "a" }] }],
    ["a pronunciation with two", { pronunciations: [{ written: "a", respelling: "a", phones: "a" }] }],
    ["too many pronunciations", { pronunciations: Array(501).fill({ written: "a", respelling: "b" }) }],
  ])("is refused with %s", async (_, content) => {
    await expect(load(content)).rejects.toMatchObject({ reason: "ASSET_INVALID", metadata: { tenant: "acme" } });
  });
});
