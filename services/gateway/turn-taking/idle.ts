import { answerAsItStands, beginUtterance, say, stay, typed } from "./moves.ts";
import type { TurnEvent, TurnState, TurnStep } from "./turn-state.ts";

/** Nobody speaks. */
export function whileIdle(state: TurnState, event: TurnEvent): TurnStep {
  switch (event.kind) {
    case "onset":
      return beginUtterance(state, [], []);
    case "typed":
      return typed(state, event.text, event.language, []);
    case "say":
      return say(state, event);
    case "respond":
      return answerAsItStands(state, event.language);
    default:
      return stay(state);
  }
}
