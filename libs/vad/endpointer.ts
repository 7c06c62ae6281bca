import { completenessOf, heardAll, type SpeechGuess } from "./completeness.ts";
import { type HangoverPoint, hangoverFor } from "./hangover.ts";
import type { SpeechWindow } from "./speech-window.ts";

/** When speech counts as begun and as ended. */
export interface EndpointPolicy {
  /** At least this likely: speech begins. 0..1 */
  readonly onsetProbability: number;
  /** Less likely than this: silence. Below onsetProbability, so that a voice that fades does not end it. 0..1 */
  readonly offsetProbability: number;
  /** Speech must last so long to count as begun. */
  readonly onsetMs: number;
  /** Silence that ends it whatever was said: longer than people pause within a sentence. */
  readonly hangoverMs: number;
  /** Silence that is enough by how complete what was said sounds; less complete than the first point, and `hangoverMs` must pass. */
  readonly gradedHangover: readonly HangoverPoint[];
  /** Speech that goes on longer is ended where it is. */
  readonly maxSpeechMs: number;
}

export const defaultEndpointPolicy: EndpointPolicy = {
  onsetProbability: 0.5,
  offsetProbability: 0.35,
  onsetMs: 64,
  hangoverMs: 900,
  gradedHangover: [
    { completeness: 0.5, silenceMs: 800 },
    { completeness: 0.84, silenceMs: 800 },
    { completeness: 0.88, silenceMs: 290 },
  ],
  maxSpeechMs: 28_000,
};

export type EndpointEvent =
  /** ptsUs: where the speech began, which is before the window that made it certain. */
  | { readonly kind: "onset"; readonly ptsUs: number }
  /** ptsUs: where the last voice ended, which is a hangover ago when silence is the cause. */
  | { readonly kind: "end"; readonly ptsUs: number; readonly cause: "silence" | "limit" };

export type EndpointState =
  /** sinceUs: where the voice began that is not yet long enough. */
  | { readonly phase: "silence"; readonly sinceUs: number | undefined }
  | {
      readonly phase: "speech";
      readonly onsetUs: number;
      readonly lastVoiceUs: number;
      /** How far the windows have come. */
      readonly heardUs: number;
      readonly guess: WeighedGuess | undefined;
    };

/** What of a guess the end hangs on. */
interface WeighedGuess {
  readonly lastWordEndUs: number;
  /** 0..1 */
  readonly completeness: number;
}

export const initialEndpointState: EndpointState = { phase: "silence", sinceUs: undefined };

export interface Endpointer {
  /** The windows in order of time. @returns what this window made certain, in order */
  push(window: SpeechWindow): readonly EndpointEvent[];
  /** What recognition makes of the speech so far, at whatever time it comes. @returns the end, if that makes it certain */
  guess(guess: SpeechGuess): readonly EndpointEvent[];
  readonly state: EndpointState;
}

/** Finds where speech begins and ends. Holds the state for `reduceEndpoint`; knows no clock but the windows' times. */
export function createEndpointer(policy: Partial<EndpointPolicy> = {}): Endpointer {
  const complete = { ...defaultEndpointPolicy, ...policy };
  let state = initialEndpointState;
  const take = (step: EndpointStep) => {
    state = step.state;
    return step.events;
  };
  return {
    push: (window) => take(reduceEndpoint(complete, state, window)),
    guess: (guess) => take(reduceGuess(complete, state, guess)),
    get state() {
      return state;
    },
  };
}

export interface EndpointStep {
  readonly state: EndpointState;
  readonly events: readonly EndpointEvent[];
}

export function reduceEndpoint(policy: EndpointPolicy, state: EndpointState, window: SpeechWindow): EndpointStep {
  return state.phase === "silence" ? duringSilence(policy, state.sinceUs, window) : duringSpeech(policy, state, window);
}

function duringSilence(policy: EndpointPolicy, sinceUs: number | undefined, window: SpeechWindow): EndpointStep {
  if (window.probability < policy.onsetProbability) return { state: initialEndpointState, events: [] };
  const onsetUs = sinceUs ?? window.ptsUs;
  const endUs = window.ptsUs + window.durationUs;
  if (endUs - onsetUs < policy.onsetMs * 1000) return { state: { phase: "silence", sinceUs: onsetUs }, events: [] };
  const state = { phase: "speech", onsetUs, lastVoiceUs: endUs, heardUs: endUs, guess: undefined } as const;
  return { state, events: [{ kind: "onset", ptsUs: onsetUs }] };
}

type Speech = EndpointState & { readonly phase: "speech" };

function duringSpeech(policy: EndpointPolicy, state: Speech, window: SpeechWindow): EndpointStep {
  const heardUs = window.ptsUs + window.durationUs;
  const lastVoiceUs = window.probability >= policy.offsetProbability ? heardUs : state.lastVoiceUs;
  const next = { ...state, heardUs, lastVoiceUs };
  if (heardUs - lastVoiceUs >= neededSilenceUs(policy, next)) return ended(next, "silence");
  if (heardUs - state.onsetUs >= policy.maxSpeechMs * 1000) return ended(next, "limit");
  return { state: next, events: [] };
}

/** A guess counts until another comes, or a voice goes on after it. */
export function reduceGuess(policy: EndpointPolicy, state: EndpointState, guess: SpeechGuess): EndpointStep {
  if (state.phase === "silence") return { state, events: [] };
  const next = { ...state, guess: { lastWordEndUs: guess.lastWordEndUs, completeness: completenessOf(guess) } };
  return next.heardUs - next.lastVoiceUs >= neededSilenceUs(policy, next) ? ended(next, "silence") : { state: next, events: [] };
}

function neededSilenceUs({ hangoverMs, gradedHangover }: EndpointPolicy, { guess, lastVoiceUs }: Speech): number {
  const counts = guess !== undefined && heardAll(guess, lastVoiceUs);
  return (counts ? Math.min(hangoverMs, hangoverFor(guess.completeness, gradedHangover)) : hangoverMs) * 1000;
}

function ended(state: Speech, cause: "silence" | "limit"): EndpointStep {
  return { state: initialEndpointState, events: [{ kind: "end", ptsUs: state.lastVoiceUs, cause }] };
}
