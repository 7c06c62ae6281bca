import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createKnowledgeBase } from "@troupe/llm/backends";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { step } from "@troupe/report";
import { readQuestions } from "../questions.ts";
import { candidatesOf, type TrainingQuestion } from "./candidates.ts";

/** Writes what is retrieved for the training and development questions, for fit.py. */
const path = process.argv[2] ?? "out/candidates.json";
const tenant = "bank";
const modelsDir = fileURLToPath(new URL("../../../models", import.meta.url));
const cacheDir = defaultCacheDir(process.env, homedir());
const model = await createModelStore({ manifestDir: modelsDir, cacheDir }).resolve("e5-multilingual");
await using base = await createKnowledgeBase({ knowledgeDir: fileURLToPath(new URL("../knowledge", import.meta.url)), model, cacheDir });
const found: TrainingQuestion[] = [];
for (const set of ["train", "dev"] as const) {
  for (const question of await readQuestions(tenant, set)) found.push(await candidatesOf(base, tenant, question));
  step(`${set}: ${found.length} questions`);
}
await writeFile(path, JSON.stringify(found));
step(`wrote ${path}`);
