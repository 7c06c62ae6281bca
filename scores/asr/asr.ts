import { loadAsteriskPrompts } from "../asterisk-prompts.ts";
import type { Score, ScoreArea } from "../score.ts";
import { type AsrContext, createAsrContext } from "./area-context.ts";
import { measureEnglish } from "./english.ts";
import { measureHotWords } from "./hot-words.ts";
import { measureMandarin } from "./mandarin.ts";
import { measureNoSpeech } from "./no-speech.ts";
import { measureTiming } from "./timing.ts";

const prompts =
  "English: the prompts of the Asterisk telephone exchange with the transcripts shipped beside them (Debian packages asterisk-core-sounds-en " +
  "and -en-g722, CC-BY-SA-3.0): one professional speaker in a studio, so that the figures say nothing about other voices, accents or rooms. " +
  "Prompts over 30 s and those without speech are left out; none was used for training.";
const englishText =
  "Before comparison both texts are lower-cased, stripped of punctuation, signs and numbers are written out, and a short table of " +
  "misspellings in the transcripts and of words that may be written together is applied (scores/asr/english-words.ts).";
const setting = "On the CPU with the int8 models and the backend's defaults, through the same interface as the asr stage.";

function area(definition: Omit<ScoreArea, "measure">, measure: (context: AsrContext) => AsyncIterable<Score>): ScoreArea {
  return {
    ...definition,
    async *measure(context) {
      context.step("decoding the recorded prompts");
      const recorded = await loadAsteriskPrompts({ cacheDir: context.cacheDir, signal: context.signal });
      yield* measure(createAsrContext(context, recorded));
    },
  };
}

export const asrScores = area(
  { name: "asr", description: "speech recognition: English, clean and in noise", method: [prompts, englishText, setting] },
  measureEnglish,
);

export const asrGuardScores = area(
  { name: "asr-guards", description: "speech recognition: sounds without speech, and hot words", method: [prompts, englishText, setting] },
  async function* (context) {
    yield* measureNoSpeech(context);
    yield* measureHotWords(context);
  },
);

export const asrMandarinScores = area(
  {
    name: "asr-mandarin",
    description: "speech recognition: Mandarin and the choice between two languages",
    method: [
      "Mandarin: sentences written for this purpose, spoken by synthetic voices only; no human Mandarin was tested. Both texts are simplified, " +
        "numbers written in digits, punctuation removed (services/asr/backends/chinese).",
      prompts,
      setting,
    ],
  },
  measureMandarin,
);

export const asrSpeedScores = area(
  { name: "asr-speed", description: "speech recognition: time, alone and in batches", method: [prompts, setting] },
  measureTiming,
);
