import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKnowledgeSources, shortened } from "../backends/knowledge-sources.ts";
import type { Embedder } from "./embedder.ts";
import { createKnowledgeBase, type KnowledgeBase } from "./knowledge-base.ts";
import { createTokenEncoders, dot, type TokenEncoder } from "./token-likeness.ts";

const store = createModelStore({
  manifestDir: fileURLToPath(new URL("../../../models", import.meta.url)),
  cacheDir: defaultCacheDir(process.env, homedir()),
});
const model = await store.resolve("e5-multilingual");

describe("knowledge base", () => {
  let folder: string;
  let base: KnowledgeBase;
  const soon = () => ({ deadlineMs: performance.now() + 5_000 });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "knowledge-"));
    const facts = {
      bakery: "The bakery opens at seven.\nThe secret of the bakery is rye.",
      forge: "The forge opens at noon.\nA horseshoe costs nine euros.",
      mill: Array.from({ length: 30 }, (_, at) => `The mill grinds on day ${at}.`).join(" "),
    };
    for (const [tenant, text] of Object.entries(facts)) {
      await mkdir(join(folder, tenant));
      await writeFile(join(folder, tenant, "facts.md"), `---\nid: facts\ntitle: Facts\nlanguage: en\n---\n${text}\n`);
    }
    base = await createKnowledgeBase({ knowledgeDir: folder, model });
  });
  afterAll(async () => {
    await base[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it("finds a tenant's own sentences only, also when asked about another tenant's", async () => {
    const questions = ["when do you open", "what is the secret", "how much is a horseshoe"];
    const asked = questions.flatMap((question) => ["bakery", "forge"].map((tenant) => ({ question, tenant })));
    const found = await Promise.all(asked.map(({ question, tenant }) => base.tenant(tenant).retrieve(question, "en", 10, soon())));
    found.forEach((evidence, index) => {
      const own = asked[index]?.tenant === "bakery" ? /bakery/u : /forge|horseshoe/u;
      expect(evidence.length).toBeGreaterThan(0);
      for (const { passage } of evidence) expect(passage.text).toMatch(own);
    });
  });

  it("knows nothing of a tenant without a folder, whatever its name", async () => {
    for (const name of ["nobody", "", "../bakery", "__proto__"])
      expect(await base.tenant(name).retrieve("when do you open", "en", 5, soon())).toEqual([]);
  });

  it("gives a language model the sources of a follow-up question", async () => {
    const sources = await createKnowledgeSources(base)(
      {
        tenant: "forge",
        messages: [
          { role: "user", text: "do you sell a horseshoe" },
          { role: "assistant", text: "We do." },
          { role: "user", text: "how much is it" },
        ],
        language: "en",
        persona: "",
      },
      soon(),
    );
    expect(sources[0]).toEqual({ document: "facts", title: "Facts", text: "A horseshoe costs nine euros." });
  });

  it("gives it no more than it can read: the best 24, and 6,000 characters with their titles", () => {
    const sources = (count: number, length: number) =>
      Array.from({ length: count }, (_, at) => ({ document: `facts-${at}`, title: "Facts", text: "x".repeat(length) }));
    expect(shortened(sources(30, 10))).toEqual(sources(24, 10));
    expect(shortened(sources(30, 995))).toEqual(sources(6, 995));
    const [short] = sources(1, 10);
    expect(shortened([...sources(1, 7_000), ...sources(1, 10)])).toEqual([short]);
  });

  it("gives it no more of a document that is one long paragraph", async () => {
    const request = {
      tenant: "mill",
      messages: [{ role: "user" as const, text: "when does the mill grind" }],
      language: "en",
      persona: "",
    };
    const sources = await createKnowledgeSources(base)(request, soon());
    expect(sources).toHaveLength(24);
  });

  it("encodes a text once for all tenants, and keeps a bounded number of tokens for all languages together", async () => {
    const encoded: string[] = [];
    const embedder: Embedder = {
      ...base.embedder,
      encode(texts, role, options) {
        encoded.push(...texts);
        return base.embedder.encode(texts, role, options);
      },
    };
    const encoders = createTokenEncoders(embedder, 12);
    const [english, again, chinese] = await Promise.all(["en", "en", "zh"].map((language) => encoders.of(language, soon())));
    expect(encoded).toHaveLength(20);
    const keep = (encoder: TokenEncoder | undefined, text: string) => encoder?.encodeKept([text], "passage", soon());
    encoded.length = 0;
    await keep(english, "seven red horses");
    await keep(again, "seven red horses");
    expect(encoded).toEqual(["seven red horses"]);
    await keep(chinese, "七匹红色的马在跑");
    await keep(english, "seven red horses");
    expect(encoded).toEqual(["seven red horses", "七匹红色的马在跑", "seven red horses"]);
  });

  it("embeds what means the same near each other, as unit vectors", async () => {
    const [bike, bicycle, soup] = (await base.embedder.embed(
      ["Where is my bike?", "Where is the bicycle?", "I like soup."],
      "question",
      soon(),
    )) as [Float32Array, Float32Array, Float32Array];
    expect(dot(bike, bike)).toBeCloseTo(1, 5);
    expect(dot(bike, bicycle)).toBeGreaterThan(dot(bike, soup) + 0.1);
  });

  it("stops at the deadline and when aborted", async () => {
    const retriever = base.tenant("forge");
    await expect(retriever.retrieve("when", "en", 5, { deadlineMs: performance.now() - 1 })).rejects.toMatchObject({ reason: "DEADLINE" });
    await expect(retriever.retrieve("when", "en", 5, { ...soon(), signal: AbortSignal.abort() })).rejects.toMatchObject({
      reason: "CANCELLED",
    });
  });
});
