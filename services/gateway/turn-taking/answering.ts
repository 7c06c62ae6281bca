import { beginUtterance, rest, say, stay, typed } from "./moves.ts";
import type { Answering, TurnEvent, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

/** A response is being made or presented. */
export function whileAnswering(state: TurnState, turn: Answering, event: TurnEvent, policy: TurnPolicy): TurnStep {
  const cancel = { kind: "cancel", response: turn.response } as const;
  switch (event.kind) {
    case "onset":
      return spokenInto(state, turn, policy);
    case "typed":
      return typed(state, event.text, event.language, [cancel]);
    case "say":
      return {
        state: { ...state, lines: [...state.lines, { text: event.text, language: event.language }].slice(-policy.maxLines) },
        commands: [],
      };
    case "interrupt":
      return rest({ ...state, lines: [] }, [cancel]);
    case "decision-due":
      return watch(state, turn, event, policy);
    case "speech-end":
      return murmurEnded(state, turn, event.utterance);
    case "response-started":
      return event.response === turn.response ? { state: { ...state, turn: { ...turn, started: true } }, commands: [] } : stay(state);
    case "response-done":
      return event.response === turn.response ? rest(state) : stay(state);
    case "response-failed":
      if (event.response !== turn.response) return stay(state);
      // An excuse that fails is not excused: its stages would fail again.
      return event.excuse && !turn.excusing ? say(state, policy.excuse, [cancel], { excusing: true }) : rest(state, [cancel]);
    default:
      return stay(state);
  }
}

/** The sound went on after all: the person means it. */
function watch(state: TurnState, turn: Answering, event: TurnEvent & { kind: "decision-due" }, policy: TurnPolicy): TurnStep {
  const { murmur, response } = turn;
  if (murmur === undefined || murmur !== event.utterance) return stay(state);
  if (!event.speaking) return { state, commands: [{ kind: "decide-later", utterance: murmur, afterMs: policy.murmurCheckMs }] };
  const heard = [{ utterance: murmur, text: undefined, language: "" }];
  return { state: { ...state, turn: { phase: "hearing", heard, speaking: true } }, commands: [{ kind: "cancel", response }] };
}

function murmurEnded(state: TurnState, turn: Answering, utterance: number): TurnStep {
  if (turn.murmur !== utterance) return stay(state);
  const { murmur: _, ...answering } = turn;
  return { state: { ...state, turn: answering }, commands: [{ kind: "close-utterance", utterance }] };
}

function spokenInto(state: TurnState, turn: Answering, policy: TurnPolicy): TurnStep {
  // Nothing was heard of it yet: they go on with their question.
  if (!turn.started) return beginUtterance(state, turn.heard, [{ kind: "cancel", response: turn.response }]);
  const utterance = state.lastUtterance + 1;
  const commands = [
    { kind: "hold", response: turn.response },
    { kind: "decide-later", utterance, afterMs: policy.bargeInDecisionMs },
  ] as const;
  return beginUtterance(state, [], commands, { interrupted: { answering: turn, utterance } });
}
