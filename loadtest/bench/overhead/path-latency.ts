import { AudioCodec, Pacing, Track } from "@troupe/contracts";
import type { Converse } from "@troupe/troupe";
import { Caller, unitOf } from "../../platform/caller.ts";

export interface PathRun {
  readonly sessions: number;
  readonly pacing: "unpaced" | "live";
  /** From sending the text to the arrival of the first access unit that holds sound of the answer. */
  readonly firstAudioMs: readonly number[];
}

export const pathText = "Hi.";
/** Sessions speak at random times, this far apart on average. */
const pauseMs = 60;

/** Asks in several sessions at once, each on its own rhythm, and times the way from prompt to sound. */
export async function measurePath(
  converse: Converse,
  options: { readonly sessions: number; readonly pacing: Pacing; readonly turns: number; readonly signal: AbortSignal },
): Promise<PathRun> {
  const { sessions, pacing, turns, signal } = options;
  await using stack = new AsyncDisposableStack();
  const callers: Caller[] = [];
  for (let n = 0; n < sessions; n++)
    callers.push(
      stack.use(await Caller.connect(converse, { width: 0, height: 0, pacing, audioCodec: AudioCodec.PCM16, microphone: false, signal })),
    );
  const perSession = Math.ceil(turns / sessions);
  const times = await Promise.all(
    callers.map(async (caller) => {
      const own: number[] = [];
      // The first two warm up.
      for (let n = -2; n < perSession; n++) {
        signal.throwIfAborted();
        const ms = await firstAudio(caller);
        if (n >= 0) own.push(ms);
        await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
      }
      return own;
    }),
  );
  return { sessions, pacing: pacing === Pacing.LIVE ? "live" : "unpaced", firstAudioMs: times.flat() };
}

async function firstAudio(caller: Caller): Promise<number> {
  const sounds: { readonly endUs: number; readonly nowMs: number }[] = [];
  let startUs = Number.POSITIVE_INFINITY;
  const found = Promise.withResolvers<number>();
  const sentMs = performance.now();
  caller.onEvent = (event, nowMs) => {
    const sound = unitOf(event, Track.AUDIO);
    if (sound) sounds.push({ endUs: Number(sound.ptsUs) + sound.durationUs, nowMs });
    if (event.case === "responseStarted") startUs = Number(event.value.sessionPtsUs);
    const first = sounds.find(({ endUs }) => endUs > startUs);
    if (first) found.resolve(first.nowMs - sentMs);
  };
  const over = caller.next((event) => event.case === "responseDone");
  caller.microphone.send({ case: "text", value: { text: pathText, language: "en" } });
  await over;
  return await found.promise;
}
