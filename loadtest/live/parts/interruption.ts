import type { LivePage, ReceivedEvent, Recording } from "../browser/index.ts";
import { loudest } from "../judge/level.ts";
import { idleBound, stillAt, trackMouth } from "../judge/mouth.ts";
import { audibleDb, firstSound, silencedAt } from "../judge/sound.ts";
import { speechBounds } from "../judge/speech-bounds.ts";
import { materialRateHz } from "../material/spoken-material.ts";
import type { Sayable } from "../part.ts";
import { endOf, outputLevel } from "./turn.ts";

/** Somebody spoke into an answer. Times in milliseconds after the speech's onset unless said otherwise. */
export interface Interruption {
  /** What the avatar was saying, and how far it was, in seconds after its first sound. */
  readonly saying: string;
  readonly intoS: number;
  /** When it was heard for the last time; undefined where it was neither held nor cancelled. */
  readonly audioMs: number | undefined;
  /** When the mouth was still. */
  readonly videoMs: number;
  readonly heldMs: number | undefined;
  readonly cancelledMs: number | undefined;
  /** How long the response was heard after the page was told that it is cancelled. */
  readonly audibleAfterCancelMs: number | undefined;
  /** The words that the platform takes for heard. */
  readonly heardText: string | undefined;
  /** What the page was told after the onset, and when. */
  readonly told: readonly string[];
  /** The response's sound up to where it fell silent. */
  readonly heard: { readonly samples: Float32Array; readonly rateHz: number };
  /** From the end of the interruption to the first sound of the next answer. */
  readonly nextSoundMs: number | undefined;
}

const toldTypes = ["troupe.held", "troupe.cancelled", "troupe.heard", "troupe.response", "troupe.utterance"];
const silentLeadS = 1;
const firstSoundMs = 8000;
const aftermathS = 1.5;
const nextAnswerMs = 8000;

/** Lets the avatar say something, speaks into it `intoS` after its first sound, and watches. @returns undefined where it had nothing more to say by then */
export async function interruptAloud(page: LivePage, saying: string, by: Sayable, intoS: number): Promise<Interruption | undefined> {
  page.forget();
  await page.load(by.text, by.samples);
  await page.pause(silentLeadS);
  const askedS = await page.now();
  await page.send({ type: "troupe.say", text: saying, language: "en" });
  const firstS = await soundAfter(page, askedS, firstSoundMs);
  if (firstS === undefined) return undefined;
  const spokenS = await page.speak(by.text, by.samples, { inS: Math.max(0.05, firstS + intoS - (await page.now())) });
  const bounds = speechBounds(by.samples, materialRateHz);
  const [onsetS, voiceEndS] = [spokenS + bounds.startS, spokenS + bounds.endS];
  await page.waitFor((recording) => endOf(recording) > voiceEndS, 30_000);
  await page.waitFor((recording) => nextSound(recording, voiceEndS) !== undefined, nextAnswerMs);
  await page.pause(0.3);
  return judgeInterruption(await page.record(), { saying, askedS, firstS, onsetS, voiceEndS });
}

interface Times {
  readonly saying: string;
  readonly askedS: number;
  readonly firstS: number;
  readonly onsetS: number;
  readonly voiceEndS: number;
}

function judgeInterruption(recording: Recording, { saying, askedS, firstS, onsetS, voiceEndS }: Times): Interruption | undefined {
  const level = outputLevel(recording);
  if (loudest(level, onsetS - 0.4, onsetS) < audibleDb) return undefined;
  const after = (accept: (event: ReceivedEvent) => boolean) => recording.events.find((event) => event.timeS > onsetS && accept(event));
  const cancelled = after(({ type }) => type === "troupe.cancelled");
  const held = after((event) => event.type === "troupe.held" && event["held"] === true);
  const next = nextSound(recording, voiceEndS);
  // The next answer cannot begin before the interruption ends.
  const untilS = Math.min(voiceEndS, next ?? voiceEndS);
  const silencedS = silencedAt(level, onsetS, untilS);
  const mouth = trackMouth(recording.frames);
  const bound = idleBound(mouth, recording.startS, askedS);
  const heard = after(({ type }) => type === "troupe.heard");
  const ms = (timeS: number | undefined) => (timeS === undefined ? undefined : (timeS - onsetS) * 1000);
  return {
    saying,
    intoS: onsetS - firstS,
    audioMs: (held ?? cancelled) && ms(silencedS),
    videoMs: (stillAt(mouth, bound, onsetS) - onsetS) * 1000,
    heldMs: ms(held?.timeS),
    cancelledMs: ms(cancelled?.timeS),
    audibleAfterCancelMs:
      cancelled &&
      audibleMs(recording, cancelled.timeS, Math.max(untilS, Math.min(cancelled.timeS + aftermathS, next ?? endOf(recording)))),
    heardText: heard && String(heard["text"] ?? ""),
    told: recording.events
      .filter(({ type, timeS }) => timeS > onsetS && toldTypes.includes(type))
      .map((event) =>
        `${ms(event.timeS)?.toFixed(0)} ${event.type} ${event["held"] ?? event["state"] ?? ""} ${event["response"] ?? ""}`.trimEnd(),
      ),
    heard: { samples: cut(recording, firstS - 0.1, (silencedS ?? onsetS) + 0.05), rateHz: recording.rateHz },
    nextSoundMs: next === undefined ? undefined : (next - voiceEndS) * 1000,
  };
}

/** How long after `fromS` something is still heard without a pause of its own. */
function audibleMs(recording: Recording, fromS: number, toS: number): number {
  const level = outputLevel(recording);
  let lastS = fromS;
  for (let at = fromS; at < toS; at += 0.01) if (loudest(level, at, at + 0.01) >= audibleDb) lastS = at + 0.01;
  return (lastS - fromS) * 1000;
}

/** The first sound of a response that was made after the voice's end. */
export function nextSound(recording: Recording, voiceEndS: number): number | undefined {
  const begun = recording.events.find(
    (event) => event.timeS > voiceEndS && event.type === "troupe.response" && event["state"] === "started",
  );
  return begun && firstSound(outputLevel(recording), begun.timeS - 0.15, endOf(recording));
}

export async function soundAfter(page: LivePage, afterS: number, timeoutMs: number): Promise<number | undefined> {
  const find = (recording: Recording) => firstSound(outputLevel(recording), afterS, Number.POSITIVE_INFINITY);
  const recording = await page.waitFor((candidate) => find(candidate) !== undefined, timeoutMs);
  return recording && find(recording);
}

/** The page's output between two times of the clock. */
export function cut({ output, rateHz, startS }: Recording, fromS: number, toS: number): Float32Array {
  const at = (timeS: number) => Math.max(0, Math.round((timeS - startS) * rateHz));
  return output.slice(at(fromS), at(toS));
}
