import { Track } from "@troupe/contracts";
import { type Caller, type EventOf, unitOf } from "../../platform/caller.ts";

/** One answered question. Times in milliseconds. */
export interface TurnTimes {
  /** From each stage's first input to its first output. */
  readonly stages: Readonly<Record<string, number>>;
  /** From the question's end (last speech sample sent, or text sent) to the first sound and picture of the answer at the caller. */
  readonly firstSoundMs: number;
  readonly firstFrameMs: number;
  /** From the question's end to the gateway's decision that it has ended; undefined for text. */
  readonly endpointMs: number | undefined;
}

/** Answers are heard this long before the next question. */
const listenMs = 250;

/** Asks, waits until the answer is heard and seen, stops it, and waits until it is over. */
export async function takeTurn(
  caller: Caller,
  question: { readonly text: string } | { readonly samples: Float32Array },
): Promise<TurnTimes> {
  let questionEndMs = performance.now();
  let endpointMs: number | undefined;
  let started: EventOf<"responseStarted"> | undefined;
  let firstSoundMs: number | undefined;
  let firstFrameMs: number | undefined;
  const answered = Promise.withResolvers<void>();
  caller.onEvent = (event, nowMs) => {
    if (event.case === "utteranceEnded") {
      questionEndMs = caller.microphone.sentAtMs(Number(event.value.speechEndUs)) ?? nowMs;
      endpointMs = nowMs - questionEndMs;
    }
    if (event.case === "responseStarted") started = event.value;
    if (!started) return;
    const startUs = Number(started.sessionPtsUs);
    const picture = unitOf(event, Track.VIDEO);
    const sound = unitOf(event, Track.AUDIO);
    if (sound && Number(sound.ptsUs) + sound.durationUs > startUs) firstSoundMs ??= nowMs - questionEndMs;
    if (picture && Number(picture.ptsUs) >= startUs) firstFrameMs ??= nowMs - questionEndMs;
    if (firstSoundMs !== undefined && firstFrameMs !== undefined) answered.resolve();
  };
  const over = caller.next((event) => event.case === "responseDone");
  if ("text" in question) caller.microphone.send({ case: "text", value: { text: question.text, language: "en" } });
  else caller.microphone.speak(question.samples);
  await Promise.race([answered.promise, over]);
  await new Promise((resolve) => setTimeout(resolve, listenMs));
  caller.microphone.send({ case: "interrupt", value: {} });
  await over;
  return {
    stages: { ...started?.stageMs },
    firstSoundMs: firstSoundMs ?? Number.NaN,
    firstFrameMs: firstFrameMs ?? Number.NaN,
    endpointMs,
  };
}
