import { fileURLToPath } from "node:url";
import { loadAvatar } from "@troupe/compositor";
import { createAudioBackend, createPhonesBackend, loadMouthNet } from "@troupe/face/backends";
import { createKokoroBackend } from "@troupe/tts/backends";
import { lipScores } from "../face/lip-scores.ts";
import { createMouthCamera } from "../face/mouth-camera.ts";
import { performWithoutPhones } from "../face/performance.ts";
import { readSentences, type SentenceSet, type Spoken, speakSet } from "../face/spoken.ts";
import { readVisemeClasses } from "../face/viseme-classes.ts";
import type { ScoreArea, ScoreContext, ScoreSet } from "../score.ts";
import { hear, hearingScores, resampled } from "./hearing-scores.ts";
import { loadHumanSpeech } from "./human-speech.ts";
import { lookAheadScore } from "./look-ahead.ts";
import { speedScores } from "./speed.ts";

/** Speakers that the network was never trained on, alone or mixed: KOKORO_TEST_… in models/mouth-net/recipe/voices_neural.py. */
const unseenVoices: Readonly<Record<string, readonly string[]>> = {
  "en-test": ["am_michael", "am_fenrir", "af_bella", "bf_emma", "bm_george"],
  "zh-test": ["zf_xiaoxiao", "zm_yunxi"],
};
/** Speaking takes most of the time; so many sentences of each synthetic set. */
const sentencesEach = 24;
const avatarFolder = fileURLToPath(new URL("../../models/avatars", import.meta.url));
const avatar = "mara";

interface Material {
  /** "human", "en" or "zh". */
  readonly id: string;
  readonly set: ScoreSet;
  readonly spoken: readonly Spoken[];
}

export const faceAudioScores: ScoreArea = {
  name: "face-audio",
  description: "lips from the sound alone, for speech whose phones nobody tells",
  method: [
    "Three sets that the network never heard: recorded prompts of one woman (Asterisk, American English; every fifth prompt was used during development and is left out), and the face's test sentences by Kokoro voices that took no part in training, in English and Mandarin. The family of these voices did take part, so the human figures are those to go by. How much each class counts in the decision (11 numbers) was not set on any of the sentences measured here, but close to them: on other English sentences by the same Kokoro voices, on flite and espeak-ng voices kept out of the training, and on forty of the prompts left out, so the same woman's (models/mouth-net/recipe/tune.py). The same sentences were watched during training; the present weights replaced those of a shorter training after both had been measured here.",
    "Phone times of the synthetic sets come from the voices. Those of the prompts come from forced alignment by pocketsphinx (scores/face-audio/align.py), whose model and dictionary have nothing to do with the network. The aligner errs too, so the human figures cannot reach 100 %. By how much was only looked at by hand, with `align.py check` on sentences of a flite voice, whose times are exact: it puts most of the speech into the right class, and most borders of p, b and m within a few hundredths of a second. No run of the scores repeats that check, so no figure of it is given.",
    "Viseme class heard right: per 20 ms of speech, the class (scores/face/viseme-classes.json) of the phone that the network hears against that of the phone that is spoken, mean over the ten classes, free ones included. Chance deals out the heard classes at random; the baseline knows the loudness only.",
    "Lip match, controls and closures: the backend's motion, judged in rendered pixels exactly as in the area face; the phones are hidden from the backend.",
  ],
  async *measure(context) {
    const model = await context.models.resolve("mouth-net");
    const net = await loadMouthNet({ network: model.file("mouth-net.onnx"), layout: model.file("mouth-net.layout") });
    await using face = await createAudioBackend({ model });
    const classes = await readVisemeClasses();
    for await (const { id, set, spoken } of materials(context)) {
      context.step(`${id}: hearing`);
      const tracks = [];
      for (const one of spoken) tracks.push(await hear(net, one, classes));
      yield* hearingScores(id, set, tracks);
      if (id === "human") {
        yield* speedScores(net, set, await joined(spoken.slice(0, 20)));
        yield await lookAheadScore(face, set, spoken.slice(0, 10));
      }
      context.step(`${id}: ${avatar}`);
      const camera = createMouthCamera(await loadAvatar(avatarFolder, avatar, context.signal));
      const cast = { camera, classes, signal: context.signal };
      const performances = await performWithoutPhones(spoken, { ...cast, face });
      await using envelope = createPhonesBackend();
      const baseline = await performWithoutPhones(spoken, { ...cast, face: envelope });
      for (const score of lipScores({ avatar, set: sentenceSet(id), classes, performances, baseline })) {
        const { aim, ...rest } = score;
        yield { ...rest, set, ...(score.unit === "points" && { aim }) };
      }
    }
  },
};

async function* materials({ models, cacheDir, limit, signal, step }: ScoreContext): AsyncGenerator<Material> {
  const human = (await loadHumanSpeech({ cacheDir, signal })).slice(0, limit);
  yield {
    id: "human",
    set: { name: "Asterisk prompts of three and more words", kind: "human", size: `${human.length} prompts of one woman` },
    spoken: human,
  };
  await using tts = await createKokoroBackend({ model: await models.resolve("kokoro") });
  for (const sentences of await readSentences()) {
    const voices = unseenVoices[sentences.name];
    if (voices === undefined) continue;
    step(`${sentences.language}: speaking`);
    const said = {
      ...sentences,
      voices: [...voices],
      sentences: sentences.sentences.slice(0, Math.min(sentencesEach, limit ?? sentencesEach)),
    };
    const spoken = await Array.fromAsync(speakSet(tts, said, signal));
    const size = `${spoken.length} sentences by ${voices.length} voices`;
    yield { id: sentences.language, set: { name: `${sentences.name} (Kokoro ${voices.join(", ")})`, kind: "synthetic", size }, spoken };
  }
}

/** What the judge's reports call the set. */
function sentenceSet(id: string): SentenceSet {
  return { name: id, language: id === "zh" ? "zh" : "en", purpose: "test", voices: [id], sentences: [id] };
}

async function joined(spoken: readonly Spoken[]): Promise<Float32Array> {
  const parts = await Promise.all(spoken.map(resampled));
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
