import { whileAnswering } from "./answering.ts";
import { whileHearing } from "./hearing.ts";
import { whileIdle } from "./idle.ts";
import type { TurnEvent, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

export {
  type Answering,
  defaultTurnPolicy,
  initialTurnState,
  type TurnCommand,
  type TurnEvent,
  type TurnPolicy,
  type TurnState,
  type TurnStep,
} from "./turn-state.ts";

/** Who has the turn. Pure: the same events always lead to the same commands. */
export function takeTurn(state: TurnState, event: TurnEvent, policy: TurnPolicy): TurnStep {
  const { turn } = state;
  switch (turn.phase) {
    case "idle":
      return whileIdle(state, event);
    case "hearing":
      return whileHearing(state, turn, event, policy);
    case "answering":
      return whileAnswering(state, turn, event, policy);
  }
}
