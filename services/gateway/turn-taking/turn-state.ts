/** One stretch of the person's speech whose words are wanted. */
export interface Heard {
  readonly utterance: number;
  /** Undefined until its transcript has come. */
  readonly text: string | undefined;
  readonly language: string;
}

/** A response that the person spoke into: it is held until it is clear whether they mean it. */
export interface Interrupted {
  readonly answering: Answering;
  readonly utterance: number;
}

export interface Idle {
  readonly phase: "idle";
}

/** The person speaks, or their words are being recognised. */
export interface Hearing {
  readonly phase: "hearing";
  readonly heard: readonly Heard[];
  readonly speaking: boolean;
  readonly interrupted?: Interrupted;
}

/** A response is being made or presented. */
export interface Answering {
  readonly phase: "answering";
  readonly response: number;
  /** BCP-47; empty: unknown. */
  readonly language: string;
  /** What it answers; empty for a line that was only to be said. */
  readonly heard: readonly Heard[];
  readonly started: boolean;
  /** It apologises for a response that failed. */
  readonly excusing?: boolean;
  /** A short sound of the person that let the response go on; it is watched until it ends. */
  readonly murmur?: number;
}

export type TurnPhase = Idle | Hearing | Answering;

export interface TurnState {
  readonly turn: TurnPhase;
  readonly lastUtterance: number;
  readonly lastResponse: number;
  /** Lines to say when the turn is free, oldest first. */
  readonly lines: readonly Line[];
}

export interface Line {
  readonly text: string;
  readonly language: string;
}

export type TurnEvent =
  | { readonly kind: "onset" }
  | { readonly kind: "speech-end"; readonly utterance: number }
  | { readonly kind: "transcript"; readonly utterance: number; readonly text: string; readonly language: string }
  | { readonly kind: "utterance-failed"; readonly utterance: number }
  /** speaking: whether the voice is still there. */
  | { readonly kind: "decision-due"; readonly utterance: number; readonly speaking: boolean }
  | { readonly kind: "typed"; readonly text: string; readonly language: string }
  | { readonly kind: "say"; readonly text: string; readonly language: string }
  | { readonly kind: "interrupt" }
  | { readonly kind: "response-started"; readonly response: number }
  | { readonly kind: "response-done"; readonly response: number }
  /** A stage that the response needs is gone, or refused it. */
  | { readonly kind: "response-failed"; readonly response: number; readonly excuse: boolean };

export type TurnCommand =
  | { readonly kind: "open-utterance"; readonly utterance: number }
  | { readonly kind: "close-utterance"; readonly utterance: number }
  | { readonly kind: "decide-later"; readonly utterance: number; readonly afterMs: number }
  | { readonly kind: "hold"; readonly response: number }
  | { readonly kind: "release"; readonly response: number }
  | { readonly kind: "cancel"; readonly response: number }
  | { readonly kind: "answer"; readonly response: number; readonly utterance: number; readonly text: string; readonly language: string }
  | { readonly kind: "say"; readonly response: number; readonly text: string; readonly language: string }
  /** Nothing could be understood. */
  | { readonly kind: "nothing-heard"; readonly utterance: number };

/** When the turn changes hands; data, so that a deployment can choose. */
export interface TurnPolicy {
  /** A held response is cancelled when the person still speaks after this long; after shorter sounds it goes on. */
  readonly bargeInDecisionMs: number;
  /** How often a sound that let it go on is looked at again. */
  readonly murmurCheckMs: number;
  /** Lines that may wait. */
  readonly maxLines: number;
  /** Spoken when a response failed, in the language of the response if there is a line in it, else the first. At least one. */
  readonly excuses: readonly Line[];
}

export const defaultTurnPolicy: TurnPolicy = {
  bargeInDecisionMs: 350,
  murmurCheckMs: 200,
  maxLines: 16,
  excuses: [
    { text: "Sorry, I lost my thread for a moment. Could you say that again?", language: "en" },
    { text: "不好意思，我刚才走神了。您能再说一遍吗？", language: "zh" },
  ],
};

export interface TurnStep {
  readonly state: TurnState;
  readonly commands: readonly TurnCommand[];
}

export const initialTurnState: TurnState = { turn: { phase: "idle" }, lastUtterance: 0, lastResponse: 0, lines: [] };
