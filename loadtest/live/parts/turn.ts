import type { LivePage } from "../browser/live-page.ts";
import type { ReceivedEvent, Recording } from "../browser/recording.ts";
import { type LevelTrack, measureLevel } from "../judge/level.ts";
import { firstSpeaking, idleBound, trackMouth } from "../judge/mouth.ts";
import { firstSound } from "../judge/sound.ts";
import { speechBounds } from "../judge/speech-bounds.ts";
import { materialRateHz } from "../material/spoken-material.ts";
import type { Sayable } from "../part.ts";

/** What one spoken question led to, as it was recorded. Times in seconds of the recording's clock. */
export interface AskedTurn {
  readonly question: string;
  readonly recording: Recording;
  readonly output: LevelTrack;
  readonly voiceStartS: number;
  readonly voiceEndS: number;
  /** First sound after the voice's end; undefined: none in time. */
  readonly soundS: number | undefined;
  /** First picture with a speaking mouth after the voice's end. */
  readonly speakingS: number | undefined;
  /** The answer began before the voice's end: it was cut off. */
  readonly cutOff: boolean;
}

const silentLeadS = 1;
const answerTimeoutMs = 12_000;
const settleS = 0.6;

/** Asks aloud and listens for a while after the answer's first sound; then stops it and waits until it is quiet. */
export async function askAloud(page: LivePage, question: Sayable, listenS: number): Promise<AskedTurn> {
  page.forget();
  const { startS, endS } = speechBounds(question.samples, materialRateHz);
  const spokenS = await page.speak(question.text, question.samples, { inS: silentLeadS });
  const voiceEndS = spokenS + endS;
  await page.pause(silentLeadS + endS);
  const answered = (recording: Recording) => {
    const at = firstSound(outputLevel(recording), spokenS + startS, Number.POSITIVE_INFINITY);
    return at !== undefined && endOf(recording) > Math.max(at, voiceEndS) + listenS;
  };
  await page.waitFor(answered, answerTimeoutMs);
  const recording = await page.record();
  await stopTalking(page);
  return judgeTurn(question.text, recording, spokenS + startS, voiceEndS);
}

export function judgeTurn(question: string, recording: Recording, voiceStartS: number, voiceEndS: number): AskedTurn {
  const output = outputLevel(recording);
  const untilS = endOf(recording);
  const cutOff = firstSound(output, voiceStartS, voiceEndS) !== undefined;
  const soundS = firstSound(output, voiceEndS, untilS);
  const mouth = trackMouth(recording.frames);
  const bound = idleBound(mouth, recording.startS, voiceEndS - 0.2);
  return { question, recording, output, voiceStartS, voiceEndS, soundS, speakingS: firstSpeaking(mouth, bound, voiceEndS, untilS), cutOff };
}

/** Ends whatever is being said, and waits until it is over. */
export async function stopTalking(page: LivePage): Promise<void> {
  const nowS = await page.now();
  await page.send({ type: "troupe.interrupt" });
  await page.waitFor((recording) => endOf(recording) > nowS + settleS, 5000);
  await page.pause(settleS / 2);
}

export const outputLevel = (recording: Recording): LevelTrack => measureLevel({ ...recording, samples: recording.output });
export const endOf = ({ startS, output, rateHz }: Recording): number => startS + output.length / rateHz;

/** When an event of a kind came, in milliseconds after the voice's end. */
export function eventMs(turn: AskedTurn, accept: (event: ReceivedEvent) => boolean): number | undefined {
  const found = turn.recording.events.find((event) => event.timeS > turn.voiceStartS && accept(event));
  return found && (found.timeS - turn.voiceEndS) * 1000;
}

export const afterVoiceMs = (turn: AskedTurn, timeS: number | undefined): number | undefined =>
  timeS === undefined ? undefined : (timeS - turn.voiceEndS) * 1000;
