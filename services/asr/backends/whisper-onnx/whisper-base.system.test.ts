import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { readWav } from "@troupe/audio";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { describeAsrBackend } from "../conformance.ts";
import { createWhisperBackend } from "./whisper-backend.ts";

const modelsDir = new URL("../../../../models/", import.meta.url);
const store = createModelStore({ manifestDir: fileURLToPath(modelsDir), cacheDir: defaultCacheDir(process.env, homedir()) });

describeAsrBackend("whisper-base, English or Mandarin", {
  create: async () => createWhisperBackend({ model: await store.resolve("whisper-base"), languages: ["en", "zh"] }),
  speech: readWav(readFileSync(new URL("questions/bicycle.wav", modelsDir))).samples,
  words: ["is", "there", "a", "place", "where", "i", "can", "leave", "my", "bicycle"],
});
