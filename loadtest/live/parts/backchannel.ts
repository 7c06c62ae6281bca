import type { Report } from "@troupe/report";
import { seededRandom } from "../../av-offset/random.ts";
import { LivePage, type ReceivedEvent, type Recording } from "../browser/index.ts";
import { quantilesOf } from "../figures-file.ts";
import { wordsOf } from "../judge/heard-words.ts";
import { createListener } from "../judge/listener.ts";
import { longestSilence } from "../judge/sound.ts";
import { speechBounds } from "../judge/speech-bounds.ts";
import { backchannels, mediumAnswerTexts, mediumAnswerTextsZh } from "../material/questions.ts";
import { type Language, linesOf, materialRateHz, type SpokenLine, speakLines } from "../material/spoken-material.ts";
import type { Part, PartContext } from "../part.ts";
import { cut, soundAfter } from "./interruption.ts";
import { endOf, outputLevel, stopTalking } from "./turn.ts";

const seed = 41;
const earliestS = 0.8;
const latestS = 2.6;
/** Where no release came, what is looked at. */
const watchedS = 2.2;
const duckMs = 600;
const resumeMs = 1000;
const answerMs = 25_000;
const quietS = 1.2;

interface Backchannel {
  readonly language: Language;
  readonly text: string;
  readonly saying: string;
  readonly held: boolean;
  readonly cancelled: boolean;
  /** The longest silence while it was held and half a second on; 0 where it was not. */
  readonly silenceMs: number;
  /** The longest silence in the two seconds after the onset, whatever its cause: the text's own pauses, late speech. */
  readonly anySilenceMs: number;
  /** From the hold to the release, as the page was told. */
  readonly heldForMs: number | undefined;
  readonly heard: { readonly samples: Float32Array; readonly rateHz: number };
}

interface JudgedBackchannel extends Omit<Backchannel, "heard"> {
  readonly recognised: string;
  /** Words of the text that the recording lacks, in order, beyond those that recognition lacks when nobody speaks in. */
  readonly lostWords: number;
}

export const backchannelPart: Part = {
  name: "backchannel",
  description: "mm-hm and 嗯 into answers: they go on, dip shortly at most, and lose no word",
  limitS: () => 450,
  async run(context) {
    const found: Backchannel[] = [];
    for (const language of ["en", "zh"] as const) found.push(...(await listenIn(context, language)));
    context.step("listening to what was said");
    const judged = await judgeAll(found);
    return { figures: figuresOf(judged), report: reportOf(judged) };
  },
};

async function listenIn(context: PartContext, language: Language): Promise<readonly Backchannel[]> {
  const { step, signal, platform, limit, timeIsUp } = context;
  const texts = language === "en" ? mediumAnswerTexts : mediumAnswerTextsZh;
  const lines = await speakLines(linesOf(backchannels[language].slice(0, limit), language), ({ text }) => step(`material: ${text}`));
  await using page = await LivePage.open(await context.browser(), { url: platform.url, language, signal });
  const random = seededRandom(seed);
  const found: Backchannel[] = [];
  for (const [n, line] of lines.entries()) {
    if (timeIsUp(language === "en" ? 0.45 : 0.85)) break;
    const result = await sayInto(page, {
      saying: texts[n % texts.length] as string,
      language,
      line,
      intoS: earliestS + random() * (latestS - earliestS),
    });
    if (!result) continue;
    found.push(result);
    step(
      `${language} ${n + 1} of ${lines.length}: "${line.text}" ${result.cancelled ? "CANCELLED" : result.held ? `held ${result.heldForMs?.toFixed(0)} ms` : "ignored"}, silent ${result.silenceMs.toFixed(0)} ms`,
    );
  }
  return found;
}

interface Saying {
  readonly saying: string;
  readonly language: Language;
  readonly line: SpokenLine;
  readonly intoS: number;
}

async function sayInto(page: LivePage, { saying, language, line, intoS }: Saying): Promise<Backchannel | undefined> {
  page.forget();
  await page.load(`${language} ${line.text}`, line.samples);
  const askedS = await page.now();
  await page.send({ type: "troupe.say", text: saying, language });
  const firstS = await soundAfter(page, askedS, answerMs);
  if (firstS === undefined) return undefined;
  const spokenS = await page.speak(`${language} ${line.text}`, line.samples, { inS: Math.max(0.05, firstS + intoS - (await page.now())) });
  const onsetS = spokenS + speechBounds(line.samples, materialRateHz).startS;
  const isDone = ({ events }: Recording) =>
    events.some(({ type, timeS, ...event }) => type === "troupe.response" && timeS > askedS && event["state"] === "done");
  const isOver = (recording: Recording) => endOf(recording) > onsetS + quietS && isDone(recording) && silentSince(recording) > quietS;
  await page.waitFor(isOver, answerMs);
  const recording = await page.record();
  await stopTalking(page);
  const after = (accept: (event: ReceivedEvent) => boolean) => recording.events.find((event) => event.timeS > onsetS && accept(event));
  const held = after((event) => event.type === "troupe.held" && event["held"] === true);
  const released = after((event) => event.type === "troupe.held" && event["held"] === false);
  const silence = longestSilence(outputLevel(recording), (held?.timeS ?? onsetS) - 0.1, (released?.timeS ?? onsetS + watchedS) + 0.5);
  const anySilence = longestSilence(outputLevel(recording), onsetS, Math.min(onsetS + watchedS, endOf(recording) - silentSince(recording)));
  return {
    language,
    text: line.text,
    saying,
    held: held !== undefined,
    cancelled: after(({ type }) => type === "troupe.cancelled") !== undefined,
    silenceMs: held ? Math.max(0, silence.endS - silence.startS) * 1000 : 0,
    anySilenceMs: Math.max(0, anySilence.endS - anySilence.startS) * 1000,
    heldForMs: held && released && (released.timeS - held.timeS) * 1000,
    heard: { samples: cut(recording, firstS - 0.1, endOf(recording)), rateHz: recording.rateHz },
  };
}

/** How long nothing has been heard, in seconds. */
function silentSince(recording: Recording): number {
  const endS = endOf(recording);
  const { startS, endS: silentTo } = longestSilence(outputLevel(recording), Math.max(recording.startS, endS - 4), endS);
  return endS - silentTo < 0.02 ? silentTo - startS : 0;
}

async function judgeAll(found: readonly Backchannel[]): Promise<readonly JudgedBackchannel[]> {
  await using listener = await createListener();
  const judged: JudgedBackchannel[] = [];
  for (const { heard, ...one } of found) {
    const recognised = await listener.hear(heard, one.language);
    judged.push({ ...one, recognised, lostWords: missingWords(wordsOf(one.saying), wordsOf(recognised)) });
  }
  // What recognition misses of the same text when nothing was said into it, or least of all.
  const least = (saying: string) => Math.min(...judged.filter((one) => one.saying === saying).map(({ lostWords }) => lostWords));
  return judged.map((one) => ({ ...one, lostWords: one.lostWords - least(one.saying) }));
}

/** Words of `said` that are not in `recognised` in their order: its length less the longest common subsequence. */
export function missingWords(said: readonly string[], recognised: readonly string[]): number {
  let row = new Array<number>(said.length + 1).fill(0);
  for (const word of recognised) {
    const next = [0];
    for (const [n, wanted] of said.entries())
      next.push(word === wanted ? (row[n] as number) + 1 : Math.max(row[n + 1] as number, next[n] as number));
    row = next;
  }
  return said.length - (row.at(-1) as number);
}

const lostIn = (list: readonly JudgedBackchannel[], language: Language) =>
  list.filter((one) => one.language === language && !one.cancelled).reduce((sum, { lostWords }) => sum + lostWords, 0);

function figuresOf(list: readonly JudgedBackchannel[]) {
  const held = list.filter((one) => one.held && !one.cancelled);
  const percent = (accept: (one: JudgedBackchannel) => boolean) =>
    Math.round((1000 * list.filter(accept).length) / Math.max(1, list.length)) / 10;
  return {
    backchannel: {
      n: list.length,
      notCancelledPercent: percent(({ cancelled }) => !cancelled),
      heldPercent: percent((one) => one.held),
      silenceMs: quantilesOf(list.filter(({ cancelled }) => !cancelled).map(({ silenceMs }) => silenceMs)),
      anySilenceMs: quantilesOf(list.filter(({ cancelled }) => !cancelled).map(({ anySilenceMs }) => anySilenceMs)),
      heldForMs: quantilesOf(held.map(({ heldForMs }) => heldForMs)),
      lostWords: { en: lostIn(list, "en"), zh: lostIn(list, "zh") },
      items: list,
    },
  };
}

function reportOf(list: readonly JudgedBackchannel[]): Report {
  const { backchannel } = figuresOf(list);
  const silence = backchannel.silenceMs?.max ?? 0;
  const heldFor = backchannel.heldForMs?.max ?? 0;
  return {
    title: "Back-channels",
    method: [
      `The avatar says a text of about 20 words; ${earliestS} to ${latestS} s after its first sound the person says a back-channel (${list.filter(({ language }) => language === "en").length} English, ${list.filter(({ language }) => language === "zh").length} Mandarin, synthetic voices). Silence: the longest stretch under -50 dB from the hold to half a second after the release; the text's own pauses there count in, and an answer that was not held has none. Words: the whole answer's recording is recognised (whisper-base); lost are words of the text that it lacks in their order, beyond the fewest that recognition lacks of the same text; in Mandarin, characters, of which recognition misses some at random.`,
    ],
    tables: [
      {
        title: "Each",
        head: ["", "", "held", "cancelled", "silence while held ms", "any silence ms", "held ms", "words lost"],
        rows: list.map((one) => [
          one.language,
          one.text,
          one.held ? "yes" : "no",
          one.cancelled ? "yes" : "no",
          one.silenceMs.toFixed(0),
          one.anySilenceMs.toFixed(0),
          one.heldForMs?.toFixed(0) ?? "-",
          one.lostWords,
        ]),
      },
    ],
    aims: [
      {
        what: "not cancelled",
        aim: ">= 90 %",
        measured: `${backchannel.notCancelledPercent} %`,
        met: backchannel.notCancelledPercent >= 90,
      },
      { what: "silent at most, while held", aim: `<= ${duckMs} ms`, measured: `${silence.toFixed(0)} ms`, met: silence <= duckMs },
      {
        what: "goes on after a false hold",
        aim: `within ${resumeMs} ms`,
        measured: `${heldFor.toFixed(0)} ms at most`,
        met: heldFor <= resumeMs,
      },
      { what: "words lost, English", aim: "0", measured: String(backchannel.lostWords.en), met: backchannel.lostWords.en === 0 },
    ],
    raw: list,
  };
}
