import { answerAsItStands, beginUtterance, excuse, say, stay, typed } from "./moves.ts";
import type { TurnEvent, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

/** Nobody speaks. */
export function whileIdle(state: TurnState, event: TurnEvent, policy: TurnPolicy): TurnStep {
  switch (event.kind) {
    case "onset":
      return beginUtterance(state, [], []);
    case "typed":
      return typed(state, event.text, event.language, []);
    case "say":
      return say(state, event);
    case "respond":
      return answerAsItStands(state, event.language);
    case "apologise":
      return excuse(state, event.language, policy.excuses, []);
    default:
      return stay(state);
  }
}
