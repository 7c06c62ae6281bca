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
