import type { SpeechWindow } from "./speech-window.ts";

/** When speech counts as begun and as ended. */
export interface EndpointPolicy {
  /** At least this likely: speech begins. 0..1 */
  readonly onsetProbability: number;
  /** Less likely than this: silence. Below onsetProbability, so that a voice that fades does not end it. 0..1 */
  readonly offsetProbability: number;
  /** Speech must last so long to count as begun. */
  readonly onsetMs: number;
  /** Silence must last so long to end it. */
  readonly hangoverMs: number;
  /** Speech that goes on longer is ended where it is. */
  readonly maxSpeechMs: number;
}

export const defaultEndpointPolicy: EndpointPolicy = {
  onsetProbability: 0.5,
  offsetProbability: 0.35,
  onsetMs: 64,
  hangoverMs: 600,
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
  | { readonly phase: "speech"; readonly onsetUs: number; readonly lastVoiceUs: number };

export const initialEndpointState: EndpointState = { phase: "silence", sinceUs: undefined };

export interface Endpointer {
  /** The windows in order of time. @returns what this window made certain, in order */
  push(window: SpeechWindow): readonly EndpointEvent[];
  readonly state: EndpointState;
}

/** Finds where speech begins and ends. Holds the state for `reduceEndpoint`; knows no clock but the windows' times. */
export function createEndpointer(policy: Partial<EndpointPolicy> = {}): Endpointer {
  const complete = { ...defaultEndpointPolicy, ...policy };
  let state = initialEndpointState;
  return {
    push(window) {
      const step = reduceEndpoint(complete, state, window);
      state = step.state;
      return step.events;
    },
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
  return { state: { phase: "speech", onsetUs, lastVoiceUs: endUs }, events: [{ kind: "onset", ptsUs: onsetUs }] };
}

function duringSpeech(policy: EndpointPolicy, state: EndpointState & { phase: "speech" }, window: SpeechWindow): EndpointStep {
  const endUs = window.ptsUs + window.durationUs;
  const lastVoiceUs = window.probability >= policy.offsetProbability ? endUs : state.lastVoiceUs;
  const end = (cause: "silence" | "limit"): EndpointStep => ({
    state: initialEndpointState,
    events: [{ kind: "end", ptsUs: lastVoiceUs, cause }],
  });
  if (endUs - lastVoiceUs >= policy.hangoverMs * 1000) return end("silence");
  if (endUs - state.onsetUs >= policy.maxSpeechMs * 1000) return end("limit");
  return { state: { ...state, lastVoiceUs }, events: [] };
}
