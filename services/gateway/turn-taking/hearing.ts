import { answer, beginUtterance, rest, stay, typed } from "./moves.ts";
import type { Hearing, TurnCommand, TurnEvent, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

/** The person speaks, or their words are being recognised. */
export function whileHearing(state: TurnState, turn: Hearing, event: TurnEvent, policy: TurnPolicy): TurnStep {
  switch (event.kind) {
    case "onset":
      // They go on before their words were understood: one question in two breaths.
      return turn.speaking ? stay(state) : beginUtterance(state, turn.heard, [], turn.interrupted ? { interrupted: turn.interrupted } : {});
    case "speech-end":
      return speechEnded(state, turn, event.utterance);
    case "transcript":
      return understood(state, turn, event.utterance, event.text, event.language);
    case "utterance-failed":
      return understood(state, turn, event.utterance, "", "");
    case "decision-due":
      return decide(state, turn, event, policy);
    case "typed":
      return typed(state, event.text, event.language, [...abandon(turn), ...closeOpen(turn)]);
    case "say":
      return {
        state: { ...state, lines: [...state.lines, { text: event.text, language: event.language }].slice(-policy.maxLines) },
        commands: [],
      };
    case "interrupt":
      return giveWay({ ...state, lines: [] }, turn);
    case "response-done":
    case "response-failed":
      return turn.interrupted?.answering.response === event.response ? giveWay(state, turn) : stay(state);
    case "response-started":
      return stay(state);
  }
}

function speechEnded(state: TurnState, turn: Hearing, utterance: number): TurnStep {
  if (!turn.speaking || turn.heard.at(-1)?.utterance !== utterance) return stay(state);
  const close: TurnCommand = { kind: "close-utterance", utterance };
  const { interrupted } = turn;
  // They stopped before the decision was due. The response goes on; the sound is no utterance.
  if (interrupted)
    return {
      state: { ...state, turn: interrupted.answering },
      commands: [close, { kind: "release", response: interrupted.answering.response }],
    };
  return conclude(state, { ...turn, speaking: false }, utterance, [close]);
}

function understood(state: TurnState, turn: Hearing, utterance: number, text: string, language: string): TurnStep {
  const heard = turn.heard.map((part) => (part.utterance === utterance ? { ...part, text, language } : part));
  return conclude(state, { ...turn, heard }, utterance, []);
}

/** Answers once nobody speaks and everything said is known. */
function conclude(state: TurnState, turn: Hearing, utterance: number, commands: readonly TurnCommand[]): TurnStep {
  if (turn.speaking || turn.heard.some((part) => part.text === undefined)) return { state: { ...state, turn }, commands };
  const spoken = turn.heard.filter((part) => part.text !== "");
  if (spoken.length === 0) return rest(state, [...commands, { kind: "nothing-heard", utterance }]);
  return answer(state, spoken, commands);
}

/** Who still speaks means it; a cough or an "mm-hm" lets the response go on, but what may follow it is watched. */
function decide(state: TurnState, turn: Hearing, event: TurnEvent & { kind: "decision-due" }, policy: TurnPolicy): TurnStep {
  const { interrupted } = turn;
  if (interrupted?.utterance !== event.utterance) return stay(state);
  if (event.speaking) return giveWay(state, turn);
  const { answering, utterance } = interrupted;
  return {
    state: { ...state, turn: { ...answering, murmur: utterance } },
    commands: [
      { kind: "release", response: answering.response },
      { kind: "decide-later", utterance, afterMs: policy.murmurCheckMs },
    ],
  };
}

/** The person means it: the response ends, and they are listened to. */
function giveWay(state: TurnState, turn: Hearing): TurnStep {
  const commands = abandon(turn);
  const { phase, heard, speaking } = turn;
  return { state: { ...state, turn: { phase, heard, speaking } }, commands };
}

const abandon = (turn: Hearing): TurnCommand[] =>
  turn.interrupted ? [{ kind: "cancel", response: turn.interrupted.answering.response }] : [];

/** Typing ends what is being said: its sound would belong to no turn. */
const closeOpen = (turn: Hearing): TurnCommand[] => {
  const utterance = turn.heard.at(-1)?.utterance;
  return turn.speaking && utterance !== undefined ? [{ kind: "close-utterance", utterance }] : [];
};
