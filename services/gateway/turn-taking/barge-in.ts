import { type Meaning, wordList } from "./back-channels/back-channels.ts";
import type { TurnPolicy } from "./turn-state.ts";

/** What is known of a sound that a response is held for. */
export interface Evidence {
  /** What recognition makes of it; undefined: it has not said anything yet. */
  readonly meaning: Meaning | undefined;
  /** Words, or characters of a script written without spaces. */
  readonly words: number;
  /** How long no voice has been heard; 0: one is heard now. */
  readonly silentMs: number;
  /** How long the response has been held, as far as it was looked at. */
  readonly waitedMs: number;
}

/** What becomes of the response: it goes on, it ends, or more must be heard first. */
export type Verdict = "release" | "cancel" | "wait";

interface Rule {
  readonly because: string;
  readonly verdict: Verdict;
  applies(evidence: Evidence, policy: TurnPolicy): boolean;
}

/** A cough that is taken for words has fewer. */
const wordsOfNoCough = 3;

/** The first that applies decides. */
const rules: readonly Rule[] = [
  { because: "the avatar hears itself", verdict: "release", applies: ({ meaning }) => meaning === "echo" },
  { because: "it is a word that stops", verdict: "cancel", applies: ({ meaning }) => meaning === "stop" },
  {
    because: "it is words, and more follow",
    verdict: "cancel",
    applies: ({ meaning, words, silentMs }) => meaning === "words" && (silentMs === 0 || words >= wordsOfNoCough),
  },
  {
    because: "it was a back-channel",
    verdict: "release",
    applies: ({ meaning, silentMs }, { backChannelGapMs }) => isBackChannel(meaning) && silentMs >= backChannelGapMs,
  },
  {
    because: "it was no words",
    verdict: "release",
    applies: ({ meaning, silentMs, waitedMs }, { bargeInDecisionMs, bargeInGapMs }) =>
      meaning === "nothing" && waitedMs >= bargeInDecisionMs && silentMs >= bargeInGapMs,
  },
  {
    because: "it is over for longer than people pause between words",
    verdict: "release",
    applies: ({ meaning, silentMs, waitedMs }, { bargeInDecisionMs, bargeInPauseMs }) =>
      meaning === undefined && waitedMs >= bargeInDecisionMs && silentMs >= bargeInPauseMs,
  },
  {
    because: "it is over, and was too little to be meant",
    verdict: "release",
    applies: ({ meaning, silentMs, waitedMs }, { bargeInLatestMs, bargeInGapMs }) =>
      (meaning === "word" || meaning === "words") && waitedMs >= bargeInLatestMs && silentMs >= bargeInGapMs,
  },
  {
    because: "it lasts, but is a back-channel so far",
    verdict: "release",
    applies: ({ meaning, waitedMs }, { bargeInLatestMs }) => meaning === "back-channel" && waitedMs >= bargeInLatestMs,
  },
  {
    because: "thanks that go on are the beginning of more",
    verdict: "cancel",
    applies: ({ meaning, waitedMs }, { bargeInLatestMs }) => meaning === "closing" && waitedMs >= bargeInLatestMs,
  },
  {
    because: "a word lasts longer than one that was misheard",
    verdict: "cancel",
    applies: ({ meaning, silentMs, waitedMs }, { bargeInWordMs }) => meaning === "word" && silentMs === 0 && waitedMs >= bargeInWordMs,
  },
  { because: "it lasts", verdict: "cancel", applies: ({ waitedMs }, { bargeInBlindMs }) => waitedMs >= bargeInBlindMs },
];

/** Whether a sound that a response is held for is meant as a turn. */
export function judgeBargeIn(evidence: Evidence, policy: TurnPolicy): Verdict {
  return rules.find((rule) => rule.applies(evidence, policy))?.verdict ?? "wait";
}

/** Whether words that are known at last were a turn: a short one that is none of the stops may be a cough that was taken for it. */
export function takesTheTurn(meaning: Meaning, text: string): boolean {
  return meaning === "stop" || (meaning === "words" && wordList(text).length >= wordsOfNoCough);
}

const isBackChannel = (meaning: Meaning | undefined) => meaning === "back-channel" || meaning === "closing";
