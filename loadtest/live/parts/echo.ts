import type { Report } from "@troupe/report";
import { seededRandom } from "../../av-offset/random.ts";
import { LivePage, type ReceivedEvent, type Recording } from "../browser/index.ts";
import { quantilesOf } from "../figures-file.ts";
import { firstSound } from "../judge/sound.ts";
import { englishQuestions, interruptions, longAnswerTexts } from "../material/questions.ts";
import { roomResponse } from "../material/room.ts";
import { linesOf, type SpokenLine, speakLines } from "../material/spoken-material.ts";
import type { Part, PartContext } from "../part.ts";
import { type Interruption, interruptAloud, soundAfter } from "./interruption.ts";
import { endOf, outputLevel, stopTalking } from "./turn.ts";

const defaultAnswers = 30;
const trueShare = 1 / 3;
const gainDb = -10;
const delaysMs = { low: 50, high: 300 };
const rooms = 6;
const seed = 29;
const answerMs = 30_000;
const quietMs = 900;

interface EchoedAnswer {
  readonly question: string;
  readonly delayMs: number;
  /** Its sound, in seconds. */
  readonly lengthS: number;
  readonly held: number;
  readonly cancelled: number;
  /** Utterances that the platform heard while only the avatar spoke. */
  readonly utterances: number;
}

export const echoPart: Part = {
  name: "echo",
  description: "the avatar's own voice in the microphone: no interruptions by itself, true ones still work",
  limitS: () => 500,
  async run(context) {
    const { limit = defaultAnswers, step, signal, platform, timeIsUp } = context;
    const lines = await speakLines(linesOf(interruptions, "en"), ({ text }) => step(`material: ${text}`));
    await using page = await LivePage.open(await context.browser(), { url: platform.url, language: "en", signal });
    for (let n = 0; n < rooms; n++) await page.load(`room-${n}`, roomResponse(seed + n));
    const random = seededRandom(seed);
    const answers: EchoedAnswer[] = [];
    for (let n = 0; n < limit && !timeIsUp(0.65); n++) {
      const delayMs = Math.round(delaysMs.low + random() * (delaysMs.high - delaysMs.low));
      await page.echo({ delayMs, gainDb, room: `room-${n % rooms}` });
      const answer = await hearAnswer(page, englishQuestions[n % englishQuestions.length] as string, delayMs);
      answers.push(answer);
      step(
        `${n + 1} of ${limit}: echo after ${delayMs} ms, ${answer.lengthS.toFixed(1)} s of answer, held ${answer.held}, cancelled ${answer.cancelled}, heard itself ${answer.utterances} times`,
      );
    }
    const interrupted = await interruptInEcho(page, context, lines, Math.max(1, Math.round(limit * trueShare)));
    const readout = await page.readout();
    await page.echo(undefined);
    return { figures: figuresOf(answers, interrupted), report: reportOf(answers, interrupted, readout) };
  },
};

async function hearAnswer(page: LivePage, question: string, delayMs: number): Promise<EchoedAnswer> {
  page.forget();
  const askedS = await page.now();
  await page.send({ type: "troupe.text", text: question, language: "en" });
  const firstS = await soundAfter(page, askedS, answerMs);
  if (firstS === undefined) return { question, delayMs, lengthS: 0, held: 0, cancelled: 0, utterances: 0 };
  // The answer is over when nothing is heard for longer than the echo and a breath.
  const isOver = (recording: Recording) => endOf(recording) > firstS + quietMs / 1000 && isQuiet(recording);
  await page.waitFor(isOver, answerMs);
  const recording = await page.record();
  const count = (accept: (event: ReceivedEvent) => boolean) =>
    recording.events.filter((event) => event.timeS > firstS && accept(event)).length;
  const answer = {
    question,
    delayMs,
    lengthS: endOf(recording) - quietMs / 1000 - firstS,
    held: count((event) => event.type === "troupe.held" && event["held"] === true),
    cancelled: count(({ type }) => type === "troupe.cancelled"),
    utterances: count((event) => event.type === "troupe.utterance" && event["state"] === "started"),
  };
  await stopTalking(page);
  return answer;
}

function isQuiet(recording: Recording): boolean {
  const endS = endOf(recording);
  return firstSound(outputLevel(recording), endS - quietMs / 1000, endS) === undefined;
}

async function interruptInEcho(
  page: LivePage,
  { step, timeIsUp }: PartContext,
  lines: readonly SpokenLine[],
  count: number,
): Promise<readonly Interruption[]> {
  const random = seededRandom(seed + 1);
  const found: Interruption[] = [];
  for (let n = 0; found.length < count && n < count * 1.5 && !timeIsUp(0.9); n++) {
    const delayMs = Math.round(delaysMs.low + random() * (delaysMs.high - delaysMs.low));
    await page.echo({ delayMs, gainDb, room: `room-${n % rooms}` });
    const saying = longAnswerTexts[n % longAnswerTexts.length] as string;
    const result = await interruptAloud(page, saying, lines[n % lines.length] as SpokenLine, 0.5 + random() * 4);
    await stopTalking(page);
    if (!result) continue;
    found.push(result);
    step(
      `true interruption ${found.length} of ${count}: sound ${result.audioMs?.toFixed(0)} ms, cancelled ${result.cancelledMs?.toFixed(0) ?? "never"} ms`,
    );
  }
  return found;
}

const figuresOf = (answers: readonly EchoedAnswer[], interrupted: readonly Interruption[]) => ({
  echo: {
    answers: answers.length,
    heldAnswers: answers.filter(({ held }) => held > 0).length,
    selfInterruptions: answers.filter(({ cancelled }) => cancelled > 0).length,
    heardItself: answers.reduce((sum, { utterances }) => sum + utterances, 0),
    bargeInAudioMs: quantilesOf(interrupted.map(({ audioMs }) => audioMs)),
    bargeInNotCancelled: interrupted.filter(({ cancelledMs }) => cancelledMs === undefined).length,
    items: answers,
  },
});

function reportOf(answers: readonly EchoedAnswer[], interrupted: readonly Interruption[], readout: object): Report {
  const { echo } = figuresOf(answers, interrupted);
  const p50 = echo.bargeInAudioMs?.p50 ?? Number.NaN;
  return {
    title: "The avatar's own voice in the microphone",
    method: [
      `The page's whole output goes back into the microphone, ${-gainDb} dB quieter, ${delaysMs.low} to ${delaysMs.high} ms later (drawn anew for each answer, seed ${seed}), through one of ${rooms} synthetic rooms (direct sound and decaying noise, 0.3 s to -60 dB). getUserMedia is replaced, so the browser's own canceller does nothing: what keeps the avatar from hearing itself is ours. ${answers.length} typed questions are answered aloud; then ${interrupted.length} times a person speaks into a long text, with the echo on.`,
    ],
    tables: [
      {
        title: "Counted",
        head: ["", "of", "count"],
        rows: [
          ["answers that were held at some point", answers.length, echo.heldAnswers],
          ["answers that were cancelled", answers.length, echo.selfInterruptions],
          ["utterances heard while only the avatar spoke", answers.length, echo.heardItself],
          ["true interruptions that were not taken", interrupted.length, echo.bargeInNotCancelled],
        ],
      },
    ],
    aims: [
      {
        what: "interruptions by itself",
        aim: `0 of ${answers.length}`,
        measured: String(echo.selfInterruptions),
        met: echo.selfInterruptions === 0,
      },
      { what: "true interruption, onset to sound 40 dB down", aim: "p50 <= 350 ms", measured: `p50 ${p50.toFixed(0)} ms`, met: p50 <= 350 },
    ],
    raw: { answers, interrupted: interrupted.map(({ heard: _, ...one }) => one), readout },
  };
}
