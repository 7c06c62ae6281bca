import { fileURLToPath } from "node:url";
import { loadAvatar } from "@troupe/compositor";
import { createPhonesBackend } from "@troupe/face/backends";
import { loadVoices, type TtsBackend } from "@troupe/tts/backends";
import type { Score, ScoreArea, ScoreContext } from "../score.ts";
import { writeContactSheet } from "./contact-sheet.ts";
import { exemplaryMouths } from "./exemplary-mouths.ts";
import { lipScores } from "./lip-scores.ts";
import { createMouthCamera } from "./mouth-camera.ts";
import { perform, performWithoutPhones } from "./performance.ts";
import { readSentences, type SentenceSet, type Spoken, speakSet } from "./spoken.ts";
import { readVisemeClasses } from "./viseme-classes.ts";

const avatars = ["mara", "pico"];
const avatarFolder = fileURLToPath(new URL("../../models/avatars", import.meta.url));

export const faceScores: ScoreArea = {
  name: "face",
  description: "lips that match the phones, measured in rendered pixels",
  method: [
    "Sentences of the test sets (scores/face/sentences.json; the tuning sets have other sentences and, in Mandarin, another speaker) are said by the real voices, animated by the face's default backend from the phones that the voice tells, added to the idle face, and drawn by the compositor's renderer at 25 frames a second, 512 x 512 pixels.",
    "The judge sees pixels and no blend shapes: the avatar wears make-up (opening red, upper lip green, lower lip blue; Lallouache's blue lipstick of 1991), and the height of the opening, the width of the lips and the visible height of the lower lip are read from the picture, in units of the avatar's own extremes: at rest, jaw fully open, fully puckered, fully stretched.",
    "Each phone belongs to a viseme class with a region of these three measures (scores/face/viseme-classes.json, with its sources; fixed before the first score). A frame counts for the phone at its centre and is right if its mouth lies in the region of a phone that sounds during the frame; frames in silence do not count. Lip match is the mean over the classes. Consonants whose lips are free (t d n l k g ng h th, Mandarin retroflexes) have only to be open; they are stated apart and are not in the mean.",
    "Chance deals the same mouths out at random over all speech frames: per frame the share of all mouths that it would accept. It is what a motion with the right mouths at wrong times gets, so controls are compared with it. The baseline moves the jaw with the loudness of the sound, without phones.",
  ],
  async *measure(context) {
    const tts = await loadVoices({
      store: context.models,
      models: ["default-tts-en", "default-tts-zh"],
      allowMissing: true,
      preload: false,
      threads: 1,
      warn: context.step,
    });
    await using voices = tts.backend;
    for (const set of await readSentences()) {
      if (set.purpose !== "test") continue;
      if (!set.voices.some((id) => voices.voices.some((voice) => voice.id === id))) {
        context.step(`${set.name} is left out: no voice for it`);
        continue;
      }
      yield* scoreSet(await speakAll(voices, set, context), set, context);
    }
  },
};

async function speakAll(voices: TtsBackend, set: SentenceSet, { limit, step, signal }: ScoreContext): Promise<Spoken[]> {
  step(`${set.name}: speaking`);
  return await Array.fromAsync(speakSet(voices, { ...set, sentences: set.sentences.slice(0, limit) }, signal));
}

async function* scoreSet(spoken: readonly Spoken[], set: SentenceSet, { outDir, step, signal }: ScoreContext): AsyncGenerator<Score> {
  const classes = await readVisemeClasses();
  await using face = createPhonesBackend();
  for (const avatar of avatars) {
    step(`${set.name}: ${avatar}`);
    const asset = await loadAvatar(avatarFolder, avatar, signal);
    const cast = { face, camera: createMouthCamera(asset), classes, signal };
    const performances = await perform(spoken, cast);
    const baseline = await performWithoutPhones(spoken, cast);
    await writeContactSheet(`${outDir}/${set.name}-${avatar}.png`, asset, exemplaryMouths(performances));
    yield* lipScores({ avatar, set, classes, performances, baseline });
  }
}
