import { availableParallelism } from "node:os";
import { loadVoices, type TtsBackend } from "@troupe/tts/backends";
import type { Score, ScoreArea, ScoreContext } from "../score.ts";
import { cancelScores } from "./cancel-scores.ts";
import { measureCancelling } from "./cancelling.ts";
import { sayInAllWays } from "./deliveries.ts";
import { deliveredWords, deliveryScores, keepDeliveries } from "./delivery-scores.ts";
import { createListener, type Listener } from "./listener.ts";
import { phoneTimeScores } from "./phone-time-scores.ts";
import { readAll, robotErrorRate, roundTripScore } from "./round-trip.ts";
import { loadSentences, type Sentence } from "./sentences.ts";
import { loadAverage, median, quantile, type Spoken } from "./spoken.ts";
import { timingScores } from "./timing.ts";

interface Subject {
  readonly language: "en" | "zh";
  readonly tts: TtsBackend;
  readonly voice: string;
  readonly firstAudioAimMs?: number;
  readonly orphanAimMs: number;
  /** Cancels to measure. */
  readonly rounds: number;
}

const longClauses = {
  en: "The museum opens at nine in the morning and closes at six in the evening, and on Thursdays it stays open until late at night. Most visitors begin with the paintings on the second floor, then walk down to the garden, and end in the small café beside the river. Guided tours start every hour at the main entrance. Please leave your coats and bags in the cloakroom before you go in.",
  zh: "博物馆早上九点开门，下午六点关门，星期四开放到很晚。大多数游客先看二楼的画，然后走到花园，最后在河边的小咖啡馆休息。每个小时在大门口都有导游带领的参观。进去以前，请把外套和包放在衣帽间。",
} as const;
const shortClauses = { en: "Yes, of course.", zh: "好的，没问题。" } as const;

const method = [
  'Sentences written for the purpose (140 English, 60 Mandarin: plain ones, numbers, dates, times, money, units, names, initials, addresses, mixed scripts), each with how a person would say it, are spoken whole by the default voice and written down by Whisper. Reference and transcript are normalised alike: English in lower case without punctuation and accents, short forms and signs written out, numbers in any form as digits, neighbouring numbers as one word, decimals with "point" between their digits, no "and"; Mandarin as characters, numbers as digits, other scripts as whole words. That numbers in words and in digits are the same also hides how a number was grouped ("ten thirty" and "one thousand thirty").',
  "The sentences are no held-out set: some of their items (Henry VIII, 555-0123, pages 10-15, 50¢, 10:30, 7.5%, 3/4; in Mandarin 13800138000) stand in the unit tests of the text front end too.",
  "Phone times: of all bounds that the voice tells, those between a vowel and a stop (closure), a voiced stop and a vowel (release), a vowel and a sibilant, and those of pauses of 80 ms or more are looked up on the wave: the steepest step of the level within 100 ms, over 12 ms on either side, of at least 8 dB; for sibilants in the band above about 4 kHz, for closures and releases without the lowest; at pauses where the level crosses 26 dB under the sentence's. The detector knows nothing of the voice but where to look.",
  "Deliveries (English): every seventh sentence is said neutrally twice, gently and excitedly; pitch by YIN on the wave, level by its root mean square, rate by the told phones. Times are of one clause at a time on one inference thread; the load of the machine is in the notes.",
];

/** The English default voice. */
export const ttsScores: ScoreArea = {
  name: "tts",
  description: "English speech that is understood, in time, with phones where it says they are",
  method,
  measure: (context) => measureLanguage("en", context),
};

/** The Mandarin default voice. */
export const ttsMandarinScores: ScoreArea = {
  name: "tts-zh",
  description: "Mandarin speech that is understood, in time, with phones where it says they are",
  method,
  measure: (context) => measureLanguage("zh", context),
};

async function* measureLanguage(language: "en" | "zh", context: ScoreContext): AsyncGenerator<Score> {
  await using listener = await createListener(context.models);
  context.step(`${listener.model} listens`);
  const { backend } = await loadVoices({
    store: context.models,
    models: [`default-tts-${language}`],
    allowMissing: false,
    preload: true,
    threads: 1,
    warn: context.step,
  });
  await using tts = backend;
  const voice = `${tts.name} ${tts.voices[0]?.id ?? ""}`;
  const aims = language === "en" ? { firstAudioAimMs: 60, orphanAimMs: 300, rounds: 20 } : { orphanAimMs: 1_500, rounds: 8 };
  yield* measureVoice({ language, tts, voice, ...aims }, listener, context);
}

async function* measureVoice(subject: Subject, listener: Listener, context: ScoreContext): AsyncGenerator<Score> {
  const { language, tts, voice, firstAudioAimMs, orphanAimMs, rounds } = subject;
  const before = loadAverage();
  const long = { text: longClauses[language], language };
  const cancelling = await measureCancelling(tts, long, { text: shortClauses[language], language }, context.limit ? 5 : rounds);
  const sentences = await loadSentences(language, context.limit);
  const read = await readAll(tts, { listener, sentences, language }, context);
  const spoken = read.map((one) => one.spoken);
  const load = `${availableParallelism()} cores, one-minute load ${before} before and ${loadAverage()} after; processor time of a whole clause ${cpuNote(spoken)}.`;
  const timed = { language, voice, spoken, ...(firstAudioAimMs !== undefined && { aimMs: firstAudioAimMs }) };
  for (const score of timingScores(timed)) yield { ...score, note: load };
  for (const score of cancelScores(language, voice, cancelling, orphanAimMs))
    yield { ...score, note: [score.note, load].filter(Boolean).join(" ") };
  yield* phoneTimeScores(language, voice, spoken);
  if (language === "en") yield* measureDeliveries(subject, sentences, listener, context);
  if (listener.languages.includes(language))
    yield roundTripScore({ language, voice, read, listener, baseline: await robotErrorRate(listener, sentences, language) });
}

/** What the clauses take on an idle machine. */
function cpuNote(spoken: readonly Spoken[]): string {
  const times = spoken.map(({ cpuMs }) => cpuMs);
  const share = times.reduce((sum, ms) => sum + ms, 0) / spoken.reduce((sum, { audioMs }) => sum + audioMs, 0);
  return `${median(times).toFixed(0)} ms in the median, ${quantile(times, 0.95).toFixed(0)} ms at the 95th percentile, ${share.toFixed(3)} of real time`;
}

async function* measureDeliveries(
  { tts, voice }: Subject,
  all: readonly Sentence[],
  listener: Listener,
  { outDir, signal }: ScoreContext,
): AsyncGenerator<Score> {
  const sentences = all.filter((_, index) => index % 7 === 0);
  const said = await sayInAllWays(
    tts,
    sentences.map(({ written }) => written),
    "en",
    signal,
  );
  await keepDeliveries(said, outDir);
  yield* deliveryScores(voice, said);
  yield* await deliveredWords(said, sentences, listener);
}
