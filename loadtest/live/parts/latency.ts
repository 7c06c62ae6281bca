import type { Report } from "@troupe/report";
import { type Browser, LivePage } from "../browser/index.ts";
import { type Quantiles, quantilesOf } from "../figures-file.ts";
import { measureLipSync } from "../judge/lip-sync.ts";
import { loadAsteriskQuestions } from "../material/human-prompts.ts";
import { englishQuestions, mandarinQuestions } from "../material/questions.ts";
import { type Language, linesOf, speakLines } from "../material/spoken-material.ts";
import type { Part, PartContext, Sayable } from "../part.ts";
import { type AskedTurn, afterVoiceMs, askAloud, endOf, eventMs } from "./turn.ts";

const listenS = 2;
const count = 42;
/** English has the first part of the time. */
const shares = { en: 0.45, zh: 0.9 } as const;
const aims = {
  en: { sound: [800, 1200], frame: [1000, 1500] },
  zh: { sound: [2500, Number.POSITIVE_INFINITY], frame: [2500, Number.POSITIVE_INFINITY] },
} as const;

interface TurnFigures {
  readonly question: string;
  readonly soundMs: number | undefined;
  readonly frameMs: number | undefined;
  /** After the voice's end, as the page was told. */
  readonly steps: Readonly<Record<string, number | undefined>>;
  readonly cutOff: boolean;
  readonly lipSyncMs: number | undefined;
}

export interface LanguageRun {
  readonly language: Language;
  readonly turns: readonly TurnFigures[];
  readonly underruns: number;
  readonly framesDropped: number;
  readonly outputLatencyMs: number;
  /** Animation frames at which the avatar's canvas was empty. */
  readonly blankFrames: number;
}

export const latencyPart: Part = {
  name: "latency",
  description: "from the voice's end to the first sound and the first speaking picture, on the page, English and Mandarin",
  limitS: () => 780,
  async run(context) {
    const runs: LanguageRun[] = [];
    for (const language of ["en", "zh"] as const) {
      const run = await measureLanguage(context, await context.browser(), language);
      runs.push(run);
      await context.keep(figuresOf(runs));
    }
    return { figures: figuresOf(runs), report: reportOf(runs) };
  },
};

async function materialOf({ limit = count, step, signal }: PartContext, language: Language): Promise<readonly Sayable[]> {
  const texts = language === "en" ? englishQuestions : mandarinQuestions;
  const spoken = await speakLines(linesOf(texts.slice(0, limit), language), ({ text }) => step(`material: ${text}`));
  return language === "en" && limit >= count ? [...spoken, ...(await loadAsteriskQuestions(signal))] : spoken;
}

async function measureLanguage(context: PartContext, browser: Browser, language: Language): Promise<LanguageRun> {
  const { step, signal, platform, timeIsUp } = context;
  const material = await materialOf(context, language);
  await using page = await LivePage.open(browser, { url: platform.url, language, signal });
  const turns: TurnFigures[] = [];
  // The first question warms up and is not counted; it is asked of nobody else.
  const warmUp = material.at(-1);
  if (warmUp) await askAloud(page, warmUp, 1);
  let [outputLatencyMs, blankFrames] = [0, 0];
  for (const question of material.slice(0, -1)) {
    if (timeIsUp(shares[language])) break;
    const turn = await askAloud(page, question, listenS);
    outputLatencyMs = turn.recording.outputLatencyS * 1000;
    blankFrames = turn.recording.blankFrames;
    const figures = turnFigures(turn);
    turns.push(figures);
    const ms = (value: number | undefined) => value?.toFixed(0) ?? "none";
    step(
      `${language} ${turns.length} of ${material.length - 1}: sound ${ms(figures.soundMs)} ms, picture ${ms(figures.frameMs)} ms${figures.cutOff ? ", CUT OFF" : ""}: ${question.text}`,
    );
  }
  const { underruns = 0, picture } = await page.readout();
  for (const problem of page.problems) step(`page: ${problem}`);
  return { language, turns, underruns, framesDropped: picture?.dropped ?? 0, outputLatencyMs, blankFrames };
}

function turnFigures(turn: AskedTurn): TurnFigures {
  const { recording, soundS, cutOff } = turn;
  const sync =
    soundS === undefined
      ? undefined
      : measureLipSync(recording.frames, { ...recording, samples: recording.output }, soundS - 0.3, endOf(recording));
  const named = (type: string) => eventMs(turn, (event) => event.type === type);
  const state = (type: string, wanted: string) => eventMs(turn, (event) => event.type === type && event["state"] === wanted);
  return {
    question: turn.question,
    soundMs: cutOff ? undefined : afterVoiceMs(turn, soundS),
    frameMs: cutOff ? undefined : afterVoiceMs(turn, turn.speakingS),
    steps: {
      endpoint: state("troupe.utterance", "ended") ?? named("input_audio_buffer.speech_stopped"),
      transcript: state("troupe.utterance", "final"),
      created: state("troupe.response", "created"),
      words: named("troupe.response.text"),
      presented: state("troupe.response", "started"),
    },
    cutOff,
    // What the person hears is later than the clock says by the output's latency.
    lipSyncMs: sync?.lock ? sync.offsetMs + recording.outputLatencyS * 1000 : undefined,
  };
}

/** The mouth cannot begin so long before its sound: something else moved, and the turn's picture figure is too good. */
const earliestPictureMs = 200;
const isEarlyPicture = ({ soundMs, frameMs }: TurnFigures) =>
  soundMs !== undefined && frameMs !== undefined && frameMs < soundMs - earliestPictureMs;

const stepsOf = (run: LanguageRun, name: string) => quantilesOf(run.turns.map(({ steps }) => steps[name]));

export function figuresOf(runs: readonly LanguageRun[]) {
  const by = (of: (run: LanguageRun) => Quantiles | null) => Object.fromEntries(runs.map((run) => [run.language, of(run)]));
  return {
    voiceToSoundMs: by(({ turns }) => quantilesOf(turns.map(({ soundMs }) => soundMs))),
    voiceToFrameMs: by(({ turns }) => quantilesOf(turns.map(({ frameMs }) => frameMs))),
    latency: Object.fromEntries(
      runs.map((run) => [
        run.language,
        {
          asked: run.turns.length,
          pictureBeforeSound: run.turns.filter(isEarlyPicture).length,
          unanswered: run.turns.filter(({ soundMs, cutOff }) => soundMs === undefined && !cutOff).length,
          cutOff: run.turns.filter(({ cutOff }) => cutOff).length,
          underruns: run.underruns,
          framesDropped: run.framesDropped,
          outputLatencyMs: run.outputLatencyMs,
          blankFrames: run.blankFrames,
          stepsMs: Object.fromEntries(
            ["endpoint", "transcript", "created", "words", "presented"].map((name) => [name, stepsOf(run, name)]),
          ),
          lipSyncMs: quantilesOf(run.turns.map(({ lipSyncMs }) => lipSyncMs)),
          turns: run.turns,
        },
      ]),
    ),
  };
}

function reportOf(runs: readonly LanguageRun[]): Report {
  const row = (name: string, of: (run: LanguageRun) => Quantiles | null) => [
    name,
    ...runs.flatMap((run) => {
      const found = of(run);
      return found ? [found.p50.toFixed(0), found.p95.toFixed(0), found.n] : ["-", "-", 0];
    }),
  ];
  const aim = (run: LanguageRun, what: "sound" | "frame") => {
    const found = quantilesOf(run.turns.map((turn) => (what === "sound" ? turn.soundMs : turn.frameMs)));
    const [p50, p95] = aims[run.language][what];
    const wanted = Number.isFinite(p95) ? `p50 <= ${p50}, p95 <= ${p95} ms` : `p50 <= ${p50} ms`;
    const measured = found ? `p50 ${found.p50.toFixed(0)}, p95 ${found.p95.toFixed(0)} ms, n ${found.n}` : "nothing";
    return {
      what: `${run.language}: voice to first ${what}`,
      aim: wanted,
      measured,
      met: found !== null && found.p50 <= p50 && found.p95 <= p95,
    };
  };
  const count = (name: string, of: (run: LanguageRun) => string | number) => [name, ...runs.map(of)];
  return {
    title: "Spoken questions in the browser",
    method: [
      `The page in Chromium, hands-free, gateway and stages as processes. getUserMedia gives a WebAudio node; questions are started on the AudioContext's clock, each asked once, by voices that are not the avatar's (Piper joe, Kokoro; in English also recorded prompts of a person), before noise at -66 dB. An AudioWorklet records microphone and everything that the page connects to its destination together, so both are on one clock; the avatar's canvas is sampled at each animation frame. ${runs.map(({ language, turns }) => `${turns.length} questions in ${language}`).join(", ")}, one more to warm up; no answer or sound is cached anywhere in the platform.`,
      "Voice's end: the last 10 ms of the question within 35 dB of its loudest. Sound: the first 20 ms over -50 dB after it. Picture: the first in which the mouth, found by its pixels, moves more than 1.6 times as much as in the 98 % calmest while it listened, and goes on. Answers that begin before the voice's end are counted as cut off and not timed. The latency of the audio device is not in the figures. Default endpointing policy.",
      "Steps are when the page got the event, after the voice's end.",
    ],
    tables: [
      {
        title: "Milliseconds after the voice's end",
        head: ["", ...runs.flatMap(({ language }) => [`${language} p50`, `${language} p95`, `${language} n`])],
        rows: [
          row("utterance ended", (run) => stepsOf(run, "endpoint")),
          row("transcript", (run) => stepsOf(run, "transcript")),
          row("first words of the answer", (run) => stepsOf(run, "words")),
          row("presentation began", (run) => stepsOf(run, "presented")),
          row("first sound", ({ turns }) => quantilesOf(turns.map(({ soundMs }) => soundMs))),
          row("first speaking picture", ({ turns }) => quantilesOf(turns.map(({ frameMs }) => frameMs))),
          row("sound behind the mouth, by correlation", ({ turns }) => quantilesOf(turns.map(({ lipSyncMs }) => lipSyncMs))),
        ],
      },
      {
        title: "Counted",
        head: ["", ...runs.map(({ language }) => language)],
        rows: [
          count("questions", ({ turns }) => turns.length),
          count("cut off", ({ turns }) => turns.filter(({ cutOff }) => cutOff).length),
          count("not answered within 12 s", ({ turns }) => turns.filter(({ soundMs, cutOff }) => soundMs === undefined && !cutOff).length),
          count(
            `picture over ${earliestPictureMs} ms before the sound: taken too early by the judge, counted in all the same`,
            ({ turns }) => turns.filter(isEarlyPicture).length,
          ),
          count("underruns of the sound", ({ underruns }) => underruns),
          count("pictures left out by the page", ({ framesDropped }) => framesDropped),
          count("animation frames without a picture", ({ blankFrames }) => blankFrames),
          count("latency of the audio output, ms", ({ outputLatencyMs }) => outputLatencyMs.toFixed(0)),
        ],
      },
    ],
    aims: runs.flatMap((run) => [aim(run, "sound"), aim(run, "frame")]),
    raw: runs,
  };
}
