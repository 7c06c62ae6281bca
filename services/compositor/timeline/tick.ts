import type { Motion, ResponseTrack } from "./response-track.ts";

/** A word that has left, and where it ended. */
export interface PresentedWord {
  readonly text: string;
  readonly sessionEnd: number;
  readonly responseEnd: number;
}

export type PresenterEvent =
  | { readonly kind: "started"; readonly response: number; readonly sessionSample: number; readonly track: ResponseTrack }
  | { readonly kind: "position"; readonly response: number; readonly responseSample: number; readonly sessionSample: number }
  | {
      readonly kind: "finished";
      readonly response: number;
      readonly track: ResponseTrack;
      readonly presentedSamples: number;
      readonly complete: boolean;
      readonly failure: unknown;
      readonly fallbackFrames: number;
      readonly presentedText: string;
      readonly words: readonly PresentedWord[];
      readonly sessionSample: number;
    }
  /** Other words are being said; response 0: none any more. */
  | { readonly kind: "caption"; readonly response: number; readonly text: string; readonly sessionSample: number };

/** One frame's time: its sound and what the face does in it. */
export interface Tick {
  /** Position of the first sample on the session scale. */
  readonly sessionSample: number;
  readonly samples: Int16Array;
  /** Motion of the response that speaks; undefined when none does or its motion has not come. */
  readonly motion: Motion | undefined;
  /** 0..1 loudness of the tick's own sound, for a mouth without motion. */
  readonly envelope: number;
  readonly speaking: boolean;
  /** What was being said is held, or was cancelled, and nothing else is said yet. */
  readonly stopped: boolean;
  readonly caption: string;
  readonly events: readonly PresenterEvent[];
}
