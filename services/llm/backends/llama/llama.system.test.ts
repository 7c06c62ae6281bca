import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { afterAll, describe, expect, it } from "vitest";
import type { DialogueBackend } from "../backend.ts";
import { describeDialogueBackend } from "../conformance.ts";
import { createLlamaBackend } from "./llama.ts";

/** Not among the project's dependencies, for its size: `make tools` puts it here. */
const packageName = fileURLToPath(new URL("../../../../.tools/llama/node_modules/node-llama-cpp/dist/index.js", import.meta.url));
const manifestDir = fileURLToPath(new URL("../../../../models", import.meta.url));
const modelPath = async () => {
  const store = createModelStore({ manifestDir, cacheDir: defaultCacheDir(process.env, homedir()) });
  return (await store.resolve("smollm2")).file("model.gguf");
};

let made: Promise<DialogueBackend> | undefined;
afterAll(async () => await (await made)?.[Symbol.asyncDispose]());

/** One for the whole suite: loading takes seconds. */
async function shared(): Promise<DialogueBackend> {
  made ??= modelPath().then((path) =>
    createLlamaBackend({ modelPath: path, contextTokens: 1024, sequences: 1, threads: 1, maxTokens: 12, packageName }),
  );
  return { ...(await made), [Symbol.asyncDispose]: () => Promise.resolve() };
}

describe("SmolLM2 by llama.cpp", () => {
  describeDialogueBackend("llama", shared, { tenants: ["demo", "other"], question: "Hello! How are you today?" });

  it("stops decoding when nobody listens any more, and goes on with the next question", async () => {
    const backend = await shared();
    const request = (text: string) => ({ tenant: "demo", language: "en", persona: "", messages: [{ role: "user" as const, text }] });
    const options = () => ({ deadlineMs: performance.now() + 20_000 });
    for await (const clause of backend.reply(request("Count from one to one hundred, please."), options())) {
      expect(clause.text).not.toBe("");
      break;
    }
    expect((await Array.fromAsync(backend.reply(request("Say hello."), options()))).length).toBeGreaterThan(0);
  });
});
