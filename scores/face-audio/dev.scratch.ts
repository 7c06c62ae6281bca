import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { floatToPcm16 } from "@troupe/audio";
import { loadAvatar } from "@troupe/compositor";
import { createAudioBackend, createPhonesBackend } from "@troupe/face/backends";
import { pullModels, createModelStore } from "@troupe/model-store";
import { loadAsteriskPrompts } from "../asterisk-prompts.ts";
import { lipMatch, shifted } from "../face/lip-match.ts";
import { lipScores } from "../face/lip-scores.ts";
import { createMouthCamera } from "../face/mouth-camera.ts";
import { perform } from "../face/performance.ts";
import { readVisemeClasses } from "../face/viseme-classes.ts";
const manifestDir = fileURLToPath(new URL("../../models", import.meta.url));
await pullModels({ manifestDir, cacheDir: "/tmp/fa-cache", env: process.env, names: ["mouth-net"] });
const model = await createModelStore({ manifestDir, cacheDir: "/tmp/fa-cache" }).resolve("mouth-net");
const signal = new AbortController().signal;
const aligned: { id: string; phones: string }[] = JSON.parse(await readFile(new URL("alignments.json", import.meta.url), "utf8"));
const prompts = new Map((await loadAsteriskPrompts({ cacheDir: "/root/.cache/troupe", signal })).map((p) => [p.id, p]));
const spoken = aligned.filter((_, n) => n % 5 === 0).slice(0, Number(process.argv[2] ?? 20)).map(({ id, phones }) => {
  const w = phones.split(" ");
  return { text: id, samples: floatToPcm16(prompts.get(id)!.samples), sampleRateHz: 16000, phones: Array.from({ length: w.length / 2 }, (_, n) => ({ text: w[2 * n] === "_" ? "" : w[2 * n]!, startUs: n ? Number(w[2 * n - 1]) * 1000 : 0, endUs: Number(w[2 * n + 1]) * 1000 })) };
});
const classes = await readVisemeClasses();
const camera = createMouthCamera(await loadAvatar(manifestDir + "/avatars", "mara", signal));
for (const [name, face] of [["audio", await createAudioBackend({ model })], ["phones with the aligned phones", createPhonesBackend()]] as const) {
  const performances = await perform(spoken, { face, camera, classes, signal });
  for (const k of [-2, -1, 0, 1]) console.log(name, "shift", k, lipMatch(shifted(performances, k)).macro.toFixed(1));
  for (const s of lipScores({ avatar: "mara", set: { name: "dev", language: "en", purpose: "test", voices: ["x"], sentences: ["x"] } as never, classes, performances, baseline: performances })) console.log(name, s.id, s.value.toFixed(1), s.unit, s.control?.value.toFixed(1), s.note);
  await face[Symbol.asyncDispose]();
}
