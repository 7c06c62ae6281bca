import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { loadAvatar } from "@troupe/compositor";
import { createPhonesBackend } from "@troupe/face/backends";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { loadVoices } from "@troupe/tts/backends";
import { beforeAll, describe, expect, it } from "vitest";
import { measureClosures } from "./closures.ts";
import { chanceMatch, lipMatch, shuffled } from "./lip-match.ts";
import { createMouthCamera } from "./mouth-camera.ts";
import { framesPerSecond, type Performance, perform, performWithoutPhones } from "./performance.ts";
import { readSentences, type SentenceSet, type Spoken, speakSet } from "./spoken.ts";
import { readVisemeClasses } from "./viseme-classes.ts";

const models = fileURLToPath(new URL("../../models", import.meta.url));
const sentences = 6;

/** Budget: 20 s. The real English voice, the face's phones, rendered pixels. */
describe.for(["mara", "pico"])("the lips of %s", (avatar) => {
  let spoken: readonly Spoken[];
  let performances: readonly Performance[];
  let baseline: readonly Performance[];
  beforeAll(async () => {
    const signal = AbortSignal.timeout(60_000);
    const store = createModelStore({ manifestDir: models, cacheDir: defaultCacheDir(process.env, homedir()) });
    const { backend } = await loadVoices({
      store,
      models: ["default-tts-en"],
      allowMissing: false,
      preload: true,
      threads: 1,
      warn: () => undefined,
    });
    await using voices = backend;
    const set = (await readSentences()).find(({ name }) => name === "en-tune") as SentenceSet;
    spoken = await Array.fromAsync(speakSet(voices, { ...set, sentences: set.sentences.slice(0, sentences) }, signal));
    const camera = createMouthCamera(await loadAvatar(`${models}/avatars`, avatar));
    const cast = { face: createPhonesBackend(), camera, classes: await readVisemeClasses(), signal };
    performances = await perform(spoken, cast);
    baseline = await performWithoutPhones(spoken, cast);
  });

  it("match what is said, far better than a jaw that follows the loudness", () => {
    expect(lipMatch(performances).macro).toBeGreaterThan(92);
    expect(lipMatch(baseline).macro).toBeLessThan(65);
  });

  it("match no better than chance when the motion is another sentence's", () => {
    const chance = chanceMatch(performances).macro;
    expect(chance).toBeLessThan(55);
    expect(Math.abs(lipMatch(shuffled(performances)).macro - chance)).toBeLessThan(12);
  });

  it("close on every p, b and m", async () => {
    const closures = measureClosures(performances, await readVisemeClasses(), framesPerSecond);
    expect(closures.phones).toBeGreaterThan(10);
    expect(closures.closed).toBe(100);
    expect(measureClosures(baseline, await readVisemeClasses(), framesPerSecond).closed).toBeLessThan(60);
  });
});
