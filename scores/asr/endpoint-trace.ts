import type { AsrBackend } from "@troupe/asr/backends";
import { createEndpointer, type EndpointPolicy, type SpeechGuess, type SpeechWindow, type Vad } from "@troupe/vad";
import { transcribe } from "./recognise-set.ts";

/** Silence at which recognition begins, as in the asr stage, and sound after the last voice that it is given, as by the gateway. */
const pauseMs = 96;
const voiceProbability = 0.35;

/** What a speaker's sound leads to, whatever the policy is. */
export interface EndpointTrace {
  readonly windows: readonly SpeechWindow[];
  readonly guesses: readonly TracedGuess[];
}

/** Times in milliseconds of the sound. */
export interface TracedGuess {
  /** When it was begun, and when it came. */
  readonly fromMs: number;
  readonly atMs: number;
  readonly guess: SpeechGuess;
}

/**
 * Hears the whole sound: recognises at every pause. What that takes in processor time (all threads of this process) counts as the time until
 * the guess comes: what it takes by the clock when nothing else uses the core, also where the machine that measures is shared.
 */
export async function traceEndpoints(samples: Float32Array, vad: Vad, backend: AsrBackend, signal: AbortSignal): Promise<EndpointTrace> {
  const windows = await vad.open().push(samples);
  const guesses: TracedGuess[] = [];
  let silenceMs = 0;
  let voiced = false;
  let pausing = false;
  for (const window of windows) {
    const durationMs = window.durationUs / 1000;
    const voice = window.probability >= voiceProbability;
    silenceMs = voice ? 0 : silenceMs + durationMs;
    voiced ||= voice;
    const nowMs = window.ptsUs / 1000 + durationMs;
    if (voiced && silenceMs >= pauseMs && !pausing) {
      const before = process.cpuUsage();
      const { text, words, sentenceEnd } = await transcribe(samples.subarray(0, Math.round(nowMs * 16)), {
        backend,
        signal,
        language: "en",
      });
      const last = words.at(-1);
      const guess = { text, sentenceEnd, lastWordConfidence: last?.confidence ?? 0, lastWordEndUs: last?.endUs ?? 0 };
      const { user, system } = process.cpuUsage(before);
      guesses.push({ fromMs: nowMs, atMs: nowMs + (user + system) / 1000, guess });
    }
    pausing = voiced && silenceMs >= pauseMs;
  }
  return { windows, guesses };
}

export interface EndpointOutcome {
  /** When the utterance was taken for ended, in milliseconds of the sound. */
  readonly endMs: number;
  /** When its transcript was there: at the end, or when the guess came that was begun in the last pause. */
  readonly finalMs: number;
}

/** @param guesses what the endpointer is told, if not what was heard */
export function applyPolicy(trace: EndpointTrace, policy: Partial<EndpointPolicy>, guesses = trace.guesses): EndpointOutcome {
  const endpointer = createEndpointer(policy);
  const pending = [...guesses];
  const lastMs = Math.max(0, ...trace.windows.map((window) => (window.ptsUs + window.durationUs) / 1000));
  const outcome = (endMs: number): EndpointOutcome => {
    const begun = trace.guesses.findLast(({ fromMs }) => fromMs <= endMs);
    return { endMs, finalMs: Math.max(endMs, begun?.atMs ?? endMs) };
  };
  for (const window of trace.windows) {
    const nowMs = (window.ptsUs + window.durationUs) / 1000;
    for (let next = pending[0]; next && next.atMs <= nowMs; next = pending[0]) {
      pending.shift();
      if (endpointer.guess(next.guess).length > 0) return outcome(next.atMs);
    }
    if (endpointer.push(window).some((event) => event.kind === "end")) return outcome(nowMs);
  }
  return outcome(lastMs);
}
