import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createKnowledgeBase } from "@troupe/llm/backends";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { step } from "@troupe/report";
import { type QuestionSet, readQuestions } from "../questions.ts";
import { candidatesOf, type TrainingQuestion } from "./candidates.ts";

/** Writes what is retrieved for the training and development questions, for fit.py. */
const path = process.argv[2] ?? "out/candidates.json";
const folder = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const sets: readonly { readonly tenant: string; readonly knowledgeDir: string; readonly sets: readonly QuestionSet[] }[] = [
  { tenant: "bank", knowledgeDir: folder("../knowledge"), sets: ["train", "dev"] },
  { tenant: "demo", knowledgeDir: folder("../../../models/knowledge"), sets: ["train"] },
];
const cacheDir = defaultCacheDir(process.env, homedir());
const model = await createModelStore({ manifestDir: folder("../../../models"), cacheDir }).resolve("e5-multilingual");
const found: TrainingQuestion[] = [];
for (const { tenant, knowledgeDir, sets: names } of sets) {
  await using base = await createKnowledgeBase({ knowledgeDir, model, cacheDir });
  for (const set of names) {
    for (const question of await readQuestions(tenant, set)) found.push(await candidatesOf(base, tenant, question));
    step(`${tenant} ${set}: ${found.length} questions`);
  }
}
await writeFile(path, JSON.stringify(found));
step(`wrote ${path}`);
