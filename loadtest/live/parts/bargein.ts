import type { Report } from "@troupe/report";
import { seededRandom } from "../../av-offset/random.ts";
import { LivePage } from "../browser/index.ts";
import { quantilesOf } from "../figures-file.ts";
import { heardPrefix, wordsOf } from "../judge/heard-words.ts";
import { createListener } from "../judge/listener.ts";
import { interruptions, longAnswerTexts } from "../material/questions.ts";
import { linesOf, type SpokenLine, speakLines } from "../material/spoken-material.ts";
import type { Part, PartContext } from "../part.ts";
import { type Interruption, interruptAloud } from "./interruption.ts";
import { stopTalking } from "./turn.ts";

const defaultCount = 42;
const earliestS = 0.3;
const latestS = 5;
const seed = 17;
/** The word that was being said may count as heard or not. */
const wordTolerance = 1;

export interface JudgedInterruption extends Omit<Interruption, "heard"> {
  /** What the recording says up to the silence, and how many words of the response that is. */
  readonly recognised: string;
  readonly heardWords: number;
  /** How many the platform keeps as heard. */
  readonly keptWords: number | undefined;
}

export const bargeInPart: Part = {
  name: "bargein",
  description: "speech into answers at random points: until sound and mouth stop, and what the history keeps",
  limitS: () => 510,
  async run(context) {
    const { step, signal, limit: count = defaultCount, platform } = context;
    const lines = await speakLines(linesOf(interruptions, "en"), ({ text }) => step(`material: ${text}`));
    const found = await (async () => {
      await using page = await LivePage.open(await context.browser(), { url: platform.url, language: "en", signal });
      return await interruptOften(page, context, lines, count);
    })();
    step("listening to what was heard");
    const judged = await judgeHistory(found);
    await context.keep(figuresOf(judged));
    return { figures: figuresOf(judged), report: reportOf(judged) };
  },
};

async function interruptOften(
  page: LivePage,
  { step, timeIsUp }: PartContext,
  lines: readonly SpokenLine[],
  count: number,
): Promise<readonly Interruption[]> {
  const random = seededRandom(seed);
  const found: Interruption[] = [];
  for (let n = 0; found.length < count && n < count * 1.5 && !timeIsUp(0.85); n++) {
    const saying = longAnswerTexts[n % longAnswerTexts.length] as string;
    const by = lines[n % lines.length] as SpokenLine;
    const result = await interruptAloud(page, saying, by, earliestS + random() * (latestS - earliestS));
    await stopTalking(page);
    if (!result) {
      step("nothing was being said just then; not counted");
      continue;
    }
    found.push(result);
    const ms = (value: number | undefined) => value?.toFixed(0) ?? "none";
    step(
      `${found.length} of ${count}: sound ${ms(result.audioMs)} ms, mouth ${ms(result.videoMs)} ms, cancelled ${ms(result.cancelledMs)} ms, after it ${ms(result.audibleAfterCancelMs)} ms; "${result.heardText ?? "no history"}"`,
    );
  }
  for (const problem of page.problems) step(`page: ${problem}`);
  return found;
}

/** After the conversation, so that recognition takes nothing from it. */
export async function judgeHistory(found: readonly Interruption[]): Promise<readonly JudgedInterruption[]> {
  await using listener = await createListener();
  const judged: JudgedInterruption[] = [];
  for (const { heard, ...interruption } of found) {
    const recognised = await listener.hear(heard, "en");
    const said = wordsOf(interruption.saying);
    const keptWords = interruption.heardText === undefined ? undefined : heardPrefix(said, wordsOf(interruption.heardText));
    judged.push({ ...interruption, recognised, heardWords: heardPrefix(said, wordsOf(recognised)), keptWords });
  }
  return judged;
}

const historyFits = ({ keptWords, heardWords }: JudgedInterruption) =>
  keptWords !== undefined && Math.abs(keptWords - heardWords) <= wordTolerance;
const share = (list: readonly JudgedInterruption[], accept: (one: JudgedInterruption) => boolean) =>
  list.length === 0 ? 0 : Math.round((1000 * list.filter(accept).length) / list.length) / 10;

export function interruptionFigures(list: readonly JudgedInterruption[]) {
  return {
    audioMs: quantilesOf(list.map(({ audioMs }) => audioMs)),
    videoMs: quantilesOf(list.map(({ videoMs }) => videoMs)),
    heldMs: quantilesOf(list.map(({ heldMs }) => heldMs)),
    cancelledMs: quantilesOf(list.map(({ cancelledMs }) => cancelledMs)),
    audibleAfterCancelMs: quantilesOf(list.map(({ audibleAfterCancelMs }) => audibleAfterCancelMs)),
    nextSoundMs: quantilesOf(list.map(({ nextSoundMs }) => nextSoundMs)),
    historyPercent: share(list, historyFits),
    notCancelled: list.filter(({ cancelledMs }) => cancelledMs === undefined).length,
    n: list.length,
  };
}

const figuresOf = (list: readonly JudgedInterruption[]) => ({ bargeIn: { ...interruptionFigures(list), items: list } });

function reportOf(list: readonly JudgedInterruption[]): Report {
  const figures = interruptionFigures(list);
  const row = (name: string, of: (one: JudgedInterruption) => number | undefined) => {
    const found = quantilesOf(list.map(of));
    return found ? [name, found.p50.toFixed(0), found.p95.toFixed(0), found.max.toFixed(0), found.n] : [name, "-", "-", "-", 0];
  };
  const aim = (what: string, of: (one: JudgedInterruption) => number | undefined, p50: number, p95 = Number.POSITIVE_INFINITY) => {
    const found = quantilesOf(list.map(of));
    return {
      what,
      aim: Number.isFinite(p95) ? `p50 <= ${p50}, p95 <= ${p95} ms` : `p50 <= ${p50} ms`,
      measured: found ? `p50 ${found.p50.toFixed(0)}, p95 ${found.p95.toFixed(0)} ms` : "nothing",
      met: found !== null && found.p50 <= p50 && found.p95 <= p95,
    };
  };
  const late = figures.audibleAfterCancelMs?.max ?? Number.NaN;
  return {
    title: "Interrupting the avatar in the browser",
    method: [
      `The page in Chromium as for spoken questions. The avatar says a text of 35 to 45 words; ${list.length} times a person (four synthetic voices, ${interruptions.length} sentences) speaks into it at a random point ${earliestS} to ${latestS} s after its first sound (seed ${seed}); points at which it pauses anyway are left out.`,
      "Onset: the first 10 ms of the interruption within 35 dB of its loudest. Sound: until the last 10 ms that are less than 40 dB below the loudest of the second before, up to the interruption's end. Mouth: until the picture after which it is still for 240 ms; the way to rest counts in. After the cancel: until the last 10 ms over -50 dB.",
      `History: what the recording holds of the response is recognised (whisper-base, after the run) and laid against its text; the platform's own account of what was heard may differ by ${wordTolerance} word, the one that was cut.`,
    ],
    tables: [
      {
        title: "Milliseconds after the onset",
        head: ["", "p50", "p95", "max", "n"],
        rows: [
          row("sound 40 dB down", ({ audioMs }) => audioMs),
          row("mouth still", ({ videoMs }) => videoMs),
          row("hold reached the page", ({ heldMs }) => heldMs),
          row("cancel reached the page", ({ cancelledMs }) => cancelledMs),
          row("heard after the cancel", ({ audibleAfterCancelMs }) => audibleAfterCancelMs),
          row("next answer's first sound, after the interruption's end", ({ nextSoundMs }) => nextSoundMs),
        ],
      },
    ],
    aims: [
      aim("sound stops", ({ audioMs }) => audioMs, 200, 350),
      aim("mouth is still", ({ videoMs }) => videoMs, 250),
      { what: "nothing is heard after the cancel", aim: "<= 60 ms, always", measured: `at most ${late.toFixed(0)} ms`, met: late <= 60 },
      {
        what: "history is what was heard, give or take a word",
        aim: "100 %",
        measured: `${figures.historyPercent} %`,
        met: figures.historyPercent === 100,
      },
      {
        what: "cancelled",
        aim: "all",
        measured: `${list.length - figures.notCancelled} of ${list.length}`,
        met: figures.notCancelled === 0,
      },
    ],
    raw: list,
  };
}
