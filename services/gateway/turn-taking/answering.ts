import { beginUtterance, rest, say, stay, typed } from "./moves.ts";
import type { Answering, Line, TurnCommand, TurnEvent, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

/** A response is being made or presented. */
export function whileAnswering(state: TurnState, turn: Answering, event: TurnEvent, policy: TurnPolicy): TurnStep {
  const cancel = { kind: "cancel", response: turn.response } as const;
  const close = closeMurmur(turn);
  switch (event.kind) {
    case "onset":
      return spokenInto(state, turn, policy);
    case "typed":
      return typed(state, event.text, event.language, [cancel, ...close]);
    case "say":
      return {
        state: { ...state, lines: [...state.lines, { text: event.text, language: event.language }].slice(-policy.maxLines) },
        commands: [],
      };
    case "interrupt":
      return rest({ ...state, lines: [] }, [cancel, ...close]);
    case "decision-due":
      return watch(state, turn, event, policy);
    case "speech-end":
    case "utterance-failed":
      return turn.murmur === event.utterance ? { state: { ...state, turn: withoutMurmur(turn) }, commands: close } : stay(state);
    case "response-started":
      return event.response === turn.response ? { state: { ...state, turn: { ...turn, started: true } }, commands: [] } : stay(state);
    case "response-done":
      return event.response === turn.response ? rest(state, close) : stay(state);
    case "response-failed":
      if (event.response !== turn.response) return stay(state);
      // An excuse that fails is not excused: its stages would fail again.
      return event.excuse && !turn.excusing
        ? say(state, excuseIn(turn.language, policy), [cancel, ...close], { excusing: true })
        : rest(state, [cancel, ...close]);
    default:
      return stay(state);
  }
}

function excuseIn(language: string, { excuses }: TurnPolicy): Line {
  const primary = (tag: string) => tag.split("-")[0];
  return excuses.find((line) => primary(line.language) === primary(language)) ?? (excuses[0] as Line);
}

/** The sound went on after all: the person means it. */
function watch(state: TurnState, turn: Answering, event: TurnEvent & { kind: "decision-due" }, policy: TurnPolicy): TurnStep {
  const { murmur, response } = turn;
  if (murmur === undefined || murmur !== event.utterance) return stay(state);
  if (!event.speaking) return { state, commands: [{ kind: "decide-later", utterance: murmur, afterMs: policy.murmurCheckMs }] };
  const heard = [{ utterance: murmur, text: undefined, language: "" }];
  return { state: { ...state, turn: { phase: "hearing", heard, speaking: true } }, commands: [{ kind: "cancel", response }] };
}

/** With the response, the sound that was watched beside it is let go, too. */
const closeMurmur = ({ murmur }: Answering): TurnCommand[] =>
  murmur === undefined ? [] : [{ kind: "close-utterance", utterance: murmur }];

function withoutMurmur({ murmur: _, ...answering }: Answering): Answering {
  return answering;
}

function spokenInto(state: TurnState, turn: Answering, policy: TurnPolicy): TurnStep {
  // Nothing was heard of it yet: they go on with their question.
  const close = closeMurmur(turn);
  if (!turn.started) return beginUtterance(state, turn.heard, [...close, { kind: "cancel", response: turn.response }]);
  const utterance = state.lastUtterance + 1;
  const commands: TurnCommand[] = [
    ...close,
    { kind: "hold", response: turn.response },
    { kind: "decide-later", utterance, afterMs: policy.bargeInDecisionMs },
  ];
  return beginUtterance(state, [], commands, { interrupted: { answering: withoutMurmur(turn), utterance } });
}
