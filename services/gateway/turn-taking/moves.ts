import { joinWords } from "@troupe/timeline";
import type { Answering, Heard, Hearing, Line, TurnCommand, TurnState, TurnStep } from "./turn-state.ts";

/** Steps that several phases share. */

/** The person begins to speak; what is heard already is kept before it. */
export function beginUtterance(
  state: TurnState,
  heard: readonly Heard[],
  commands: readonly TurnCommand[],
  extra: Partial<Hearing> = {},
): TurnStep {
  const utterance = state.lastUtterance + 1;
  const turn: Hearing = { phase: "hearing", heard: [...heard, { utterance, text: undefined, language: "" }], speaking: true, ...extra };
  return { state: { ...state, turn, lastUtterance: utterance }, commands: [...commands, { kind: "open-utterance", utterance }] };
}

export function answer(state: TurnState, heard: readonly Heard[], commands: readonly TurnCommand[] = []): TurnStep {
  const response = state.lastResponse + 1;
  const last = heard.at(-1);
  const text = joinWords(heard.map((part) => part.text ?? ""));
  const language = last?.language ?? "";
  const command: TurnCommand = { kind: "answer", response, utterance: last?.utterance ?? 0, text, language };
  return {
    state: { ...state, lastResponse: response, turn: { phase: "answering", response, language, heard, started: false } },
    commands: [...commands, command],
  };
}

export function say(state: TurnState, line: Line, commands: readonly TurnCommand[] = [], extra: Partial<Answering> = {}): TurnStep {
  const response = state.lastResponse + 1;
  return {
    state: {
      ...state,
      lastResponse: response,
      turn: { phase: "answering", response, language: line.language, heard: [], started: false, ...extra },
    },
    commands: [...commands, { kind: "say", response, ...line }],
  };
}

/** The turn is free: the next waiting line is said, if any. */
export function rest(state: TurnState, commands: readonly TurnCommand[] = []): TurnStep {
  const [line, ...lines] = state.lines;
  if (line) return say({ ...state, lines }, line, commands);
  return { state: { ...state, turn: { phase: "idle" } }, commands };
}

/** What was typed is an utterance whose words are known at once. */
export function typed(state: TurnState, text: string, language: string, commands: readonly TurnCommand[] = []): TurnStep {
  const utterance = state.lastUtterance + 1;
  return answer({ ...state, lastUtterance: utterance }, [{ utterance, text, language }], commands);
}

export const stay = (state: TurnState): TurnStep => ({ state, commands: [] });
