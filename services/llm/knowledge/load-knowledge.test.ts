import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { knowledgeLimits, loadKnowledge } from "./load-knowledge.ts";
import { defaultPersona } from "./persona.ts";

const document = (id: string, text = "A fact.") => `---\nid: ${id}\ntitle: Title of ${id}\nlanguage: en\n---\n${text}\n`;

describe("loading knowledge", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "knowledge-"));
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  async function put(path: string, text: string): Promise<void> {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }

  it("keeps tenants apart, even with documents of one name", async () => {
    await put("red/a.md", document("a", "Red is red."));
    await put("blue/a.md", document("a", "Blue is blue."));
    const loaded = await loadKnowledge(folder);
    expect(loaded.get("red")?.documents.map(({ text }) => text)).toEqual(["Red is red."]);
    expect(loaded.get("blue")?.documents.map(({ text }) => text)).toEqual(["Blue is blue."]);
    expect(loaded.get("red")?.persona).toBe(defaultPersona);
  });

  it("ignores folders that no tenant can be named", async () => {
    await put(".git/a.md", "not a document");
    await put("a b/a.md", "not a document");
    expect((await loadKnowledge(folder)).size).toBe(0);
  });

  it.each([
    ["no front matter", "x/a.md", "just text"],
    ["an unknown field", "x/a.md", "---\nid: a\ntitle: A\nlanguage: en\nauthor: me\n---\nText."],
    ["a missing title", "x/a.md", "---\nid: a\nlanguage: en\n---\nText."],
    ["a bad id", "x/a.md", document("../a")],
    ["too long a document", "x/a.md", document("a", "x".repeat(knowledgeLimits.documentBytes))],
    ["a persona that is not JSON", "x/persona.json", "{"],
    ["a persona of another shape", "x/persona.json", '{"name": 3}'],
  ])("refuses %s and names the file", async (_what, path, text) => {
    await put(path, text);
    await expect(loadKnowledge(folder)).rejects.toMatchObject({ reason: "INVALID_CONFIG", message: expect.stringContaining(path) });
  });

  const pair = (id: string) => ({ id, language: "zh", question: "几点开门？", answer: "十点。" });

  it("reads questions with their answers, from several files", async () => {
    await put("x/qa.json", JSON.stringify([{ ...pair("qa-a"), variants: ["什么时候开？"], title: "时间" }]));
    await put("x/qa-more.json", JSON.stringify([pair("qa-b")]));
    const answers = (await loadKnowledge(folder)).get("x")?.answers;
    expect(answers?.map(({ id, title, variants }) => [id, title, variants.length])).toEqual([
      ["qa-b", "几点开门？", 0],
      ["qa-a", "时间", 1],
    ]);
  });

  it.each([
    ["no JSON", "["],
    ["an answer without a question", JSON.stringify([{ id: "a", language: "en", answer: "Yes." }])],
    ["an answer that is too long to be spoken", JSON.stringify([{ ...pair("a"), answer: "x".repeat(601) }])],
    ["a field that nobody reads", JSON.stringify([{ ...pair("a"), score: 1 }])],
  ])("refuses questions and answers with %s", async (_what, text) => {
    await put("x/qa.json", text);
    await expect(loadKnowledge(folder)).rejects.toMatchObject({ reason: "INVALID_CONFIG", message: expect.stringContaining("qa.json") });
  });

  it("refuses a document and an answer of one id", async () => {
    await put("x/a.md", document("a"));
    await put("x/qa.json", JSON.stringify([pair("a")]));
    await expect(loadKnowledge(folder)).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
  });

  it("refuses two documents of one id", async () => {
    await put("x/a.md", document("a"));
    await put("x/b.md", document("a"));
    await expect(loadKnowledge(folder)).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
  });

  it("refuses a folder that is not there", async () => {
    await expect(loadKnowledge(join(folder, "none"))).rejects.toMatchObject({ reason: "INVALID_CONFIG" });
  });
});
