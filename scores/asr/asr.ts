import { loadAsteriskPrompts } from "../asterisk-prompts.ts";
import type { ScoreArea } from "../score.ts";
import { createAsrContext } from "./area-context.ts";
import { measureEndpointing } from "./endpointing.ts";
import { measureEnglish } from "./english.ts";
import { measureHotWords } from "./hot-words.ts";
import { measureMandarin } from "./mandarin.ts";
import { measureNoSpeech } from "./no-speech.ts";
import { measureTiming } from "./timing.ts";

export const asrScores: ScoreArea = {
  name: "asr",
  description: "speech recognition",
  method: [
    "English: the prompts of the Asterisk telephone exchange with the transcripts shipped beside them (Debian packages asterisk-core-sounds-en " +
      "and -en-g722, CC-BY-SA-3.0): one professional speaker in a studio, so that the figures say nothing about other voices, accents or rooms. " +
      "Prompts over 30 s and those without speech are left out; none was used for training.",
    "Before comparison both texts are lower-cased, stripped of punctuation, signs and numbers are written out, and a short table of " +
      "misspellings in the transcripts and of words that may be written together is applied (scores/asr/english-words.ts).",
    "Mandarin: sentences written for this purpose, spoken by synthetic voices only; no human Mandarin was tested. Both texts are simplified, " +
      "numbers written in digits, punctuation removed (services/asr/backends/chinese).",
    "All on the CPU with the int8 models and the backend's defaults, through the same interface as the asr stage.",
  ],
  async *measure(context) {
    context.step("decoding the recorded prompts");
    const prompts = await loadAsteriskPrompts({ cacheDir: context.cacheDir, signal: context.signal });
    const shared = createAsrContext(context, prompts);
    yield* measureEndpointing(shared);
    yield* measureEnglish(shared);
    yield* measureNoSpeech(shared);
    yield* measureHotWords(shared);
    yield* measureMandarin(shared);
    yield* measureTiming(shared);
  },
};
