import type { Meaning } from "./back-channels/back-channels.ts";

/** One stretch of the person's speech whose words are wanted. */
export interface Heard {
  readonly utterance: number;
  /** Undefined until its transcript has come. */
  readonly text: string | undefined;
  readonly language: string;
  /** It began while a response was being said: were it but a back-channel, it is not answered. */
  readonly beside?: boolean;
  /** Recognition failed, so that its words will never be known. */
  readonly lost?: boolean;
  /** It was typed, so that it is answered even where what is spoken waits until the caller asks. */
  readonly typed?: boolean;
}

/** A response that the person spoke into: it is held until it is clear whether they mean it. */
export interface Interrupted {
  readonly answering: Answering;
  readonly utterance: number;
  /** Time since the onset was certain, as far as it was looked at. */
  readonly waitedMs: number;
  /** What recognition makes of it so far; undefined: nothing yet. */
  readonly meaning?: Meaning;
  /** How many words that are. */
  readonly words: number;
}

/** A response that is made before it is certain that the person has finished. Nothing of it is presented. */
export interface Speculation {
  readonly response: number;
  /** What it answers, as `sameWords` compares it. */
  readonly words: string;
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
  readonly speculation?: Speculation;
  /** The caller asked for the answer: it is not withheld. */
  readonly respond?: boolean;
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
  /** It bridges, or apologises for, a response that failed. */
  readonly excusing?: boolean;
  /** What is answered again after it: the answer to it was lost with a stage. */
  readonly again?: readonly Heard[];
  /** It answers, or excuses, again what a lost stage had cut off. */
  readonly retried?: boolean;
  /** It is said to its end, whatever the person says. */
  readonly uninterruptible?: boolean;
  /** What is said meanwhile and answered afterwards. */
  readonly beside?: Beside;
  /** A sound of the person that let the response go on; watched until its words are known. */
  readonly murmur?: Murmur;
}

export interface Beside {
  readonly heard: readonly Heard[];
  /** Whether the last of them is still being said. */
  readonly speaking: boolean;
}

export interface Murmur {
  readonly utterance: number;
  readonly speaking: boolean;
  /** How much longer it may go on: its words so far are but a back-channel. */
  readonly patienceMs: number;
  /** The voice was there again when it was looked at last. */
  readonly back?: boolean;
}

export type TurnPhase = Idle | Hearing | Answering;

export interface TurnState {
  readonly turn: TurnPhase;
  readonly lastUtterance: number;
  readonly lastResponse: number;
  /** Lines to say when the turn is free, oldest first. */
  readonly lines: readonly Line[];
  /** Nobody is there to listen: what is being said is held. */
  readonly absent: boolean;
}

export interface Line {
  readonly text: string;
  readonly language: string;
  readonly uninterruptible?: boolean;
}

export type TurnEvent =
  | { readonly kind: "onset" }
  | { readonly kind: "speech-end"; readonly utterance: number }
  /** A voice goes on after a pause in which it had seemed to have finished. */
  | { readonly kind: "resumed"; readonly utterance: number }
  /** What recognition makes of an utterance so far. silentMs: how long no voice has been heard; complete: they may have finished. */
  | {
      readonly kind: "guess";
      readonly utterance: number;
      readonly text: string;
      readonly language: string;
      readonly silentMs: number;
      readonly complete: boolean;
      /** They are what the avatar says itself. */
      readonly echo?: boolean;
    }
  /** echo: as in a guess. */
  | {
      readonly kind: "transcript";
      readonly utterance: number;
      readonly text: string;
      readonly language: string;
      readonly echo?: boolean;
    }
  /** Recognition failed on it. language: what the person is told so in. */
  | { readonly kind: "utterance-failed"; readonly utterance: number; readonly language: string }
  /** The sound of an utterance is to be forgotten. */
  | { readonly kind: "discard"; readonly utterance: number }
  /** silentMs: how long no voice has been heard; 0: one is heard now. */
  | { readonly kind: "decision-due"; readonly utterance: number; readonly silentMs: number }
  | { readonly kind: "typed"; readonly text: string; readonly language: string }
  | ({ readonly kind: "say" } & Line)
  | { readonly kind: "interrupt" }
  /** The caller asks for an answer to the conversation as it stands. */
  | { readonly kind: "respond"; readonly language: string }
  /** The caller ends a response; nothing else changes. */
  | { readonly kind: "cancel-response"; readonly response: number }
  | { readonly kind: "left" }
  | { readonly kind: "returned" }
  | { readonly kind: "response-started"; readonly response: number }
  | { readonly kind: "response-done"; readonly response: number }
  /** A stage that the response needs is gone: it will not go on, and what becomes of it is told later. */
  | { readonly kind: "response-stalled"; readonly response: number }
  /** A stage that the response needs refused it, or is gone. lost: gone and back, so that it may be tried again. */
  | { readonly kind: "response-failed"; readonly response: number; readonly excuse: boolean; readonly lost?: boolean }
  /** What a response was to answer was given up before the stage that was lost came back, as it is now. */
  | { readonly kind: "apologise"; readonly language: string };

export type TurnCommand =
  | { readonly kind: "open-utterance"; readonly utterance: number }
  | { readonly kind: "close-utterance"; readonly utterance: number }
  /** An utterance without sound. */
  | { readonly kind: "type-utterance"; readonly utterance: number }
  | { readonly kind: "decide-later"; readonly utterance: number; readonly afterMs: number }
  | { readonly kind: "hold"; readonly response: number }
  | { readonly kind: "release"; readonly response: number }
  | { readonly kind: "cancel"; readonly response: number }
  /** Answers: with no text, the conversation as it stands. */
  | {
      readonly kind: "answer";
      readonly response: number;
      readonly utterance: number;
      readonly text: string | undefined;
      readonly language: string;
    }
  /** As answer, but nobody hears of it before its commit. */
  | {
      readonly kind: "speculate";
      readonly response: number;
      readonly utterance: number;
      readonly text: string;
      readonly language: string;
    }
  /** The speculative response is the answer. */
  | {
      readonly kind: "commit";
      readonly response: number;
      readonly utterance: number;
      readonly text: string;
      readonly language: string;
    }
  /** Words of the person that nothing answers yet. */
  | { readonly kind: "note"; readonly utterance: number; readonly text: string; readonly language: string }
  | { readonly kind: "say"; readonly response: number; readonly text: string; readonly language: string }
  | { readonly kind: "nothing-heard"; readonly utterance: number };

export interface TurnPolicy {
  /** When a sound that holds a response is first looked at, unless its words tell before. */
  readonly bargeInDecisionMs: number;
  /** How often it is looked at from then on. */
  readonly bargeInStepMs: number;
  /** What was said by then is weighed as it is, unless it goes on or is not known. */
  readonly bargeInLatestMs: number;
  /** A single word that lasts so long is the beginning of more. */
  readonly bargeInWordMs: number;
  /** A voice that lasts so long takes the turn, whatever it says. */
  readonly bargeInBlindMs: number;
  /** Gaps between the voiced parts of a word are shorter. */
  readonly bargeInGapMs: number;
  /** Pauses between the words of somebody who goes on are shorter, mostly. */
  readonly bargeInPauseMs: number;
  /** Silence that is enough after words that are a back-channel. */
  readonly backChannelGapMs: number;
  /** How often a sound that let it go on is looked at again. */
  readonly murmurCheckMs: number;
  /** How much longer a back-channel may last whose words are known. */
  readonly murmurPatienceMs: number;
  /** Whether the answer is begun where they seem to have finished, before that is certain. */
  readonly speculate: boolean;
  /** Whether what is said leaves the response alone; it is answered afterwards. */
  readonly ignoreInterruptions: boolean;
  /** Whether the answer to what is spoken waits until the caller asks for it. */
  readonly withholdResponse: boolean;
  /** Lines that may wait. */
  readonly maxLines: number;
  /** Spoken when a response failed, in the language of the response if there is a line in it, else the first. At least one. */
  readonly excuses: readonly Line[];
  /** Spoken when recognition failed on what the person said; likewise. */
  readonly unheard: readonly Line[];
  /** Spoken while a question is answered again whose answer was lost with a stage; likewise. */
  readonly bridges: readonly Line[];
}

export const defaultTurnPolicy: TurnPolicy = {
  bargeInDecisionMs: 300,
  bargeInStepMs: 50,
  bargeInLatestMs: 450,
  bargeInWordMs: 600,
  bargeInBlindMs: 900,
  bargeInGapMs: 128,
  bargeInPauseMs: 224,
  backChannelGapMs: 64,
  murmurCheckMs: 50,
  murmurPatienceMs: 800,
  speculate: true,
  ignoreInterruptions: false,
  withholdResponse: false,
  maxLines: 16,
  excuses: [
    { text: "Sorry, I lost my thread for a moment. Could you say that again?", language: "en" },
    { text: "不好意思，我刚才走神了。您能再说一遍吗？", language: "zh" },
  ],
  unheard: [
    { text: "Sorry, I didn't catch that. Could you say it again?", language: "en" },
    { text: "不好意思，我没听清。您能再说一遍吗？", language: "zh" },
  ],
  bridges: [
    { text: "One moment, please.", language: "en" },
    { text: "请稍等。", language: "zh" },
  ],
};

export interface TurnStep {
  readonly state: TurnState;
  readonly commands: readonly TurnCommand[];
}

export const initialTurnState: TurnState = { turn: { phase: "idle" }, lastUtterance: 0, lastResponse: 0, lines: [], absent: false };
