import { whileAnswering } from "./answering.ts";
import { whileHearing } from "./hearing.ts";
import { whileIdle } from "./idle.ts";
import { letGoOn } from "./moves.ts";
import type { TurnCommand, TurnEvent, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

export { meaningOf } from "./back-channels/back-channels.ts";
export { saysOwnWords } from "./own-words.ts";
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
  if (event.kind === "left" || event.kind === "returned") return attended(state, event.kind === "left");
  switch (turn.phase) {
    case "idle":
      return whileIdle(state, event, policy);
    case "hearing":
      return whileHearing(state, turn, event, policy);
    case "answering":
      return whileAnswering(state, turn, event, policy);
  }
}

/** Nobody is there any more, or somebody is again. */
function attended(state: TurnState, absent: boolean): TurnStep {
  const { turn } = state;
  if (absent === state.absent) return { state, commands: [] };
  const next = { ...state, absent };
  if (turn.phase !== "answering") return { state: next, commands: [] };
  const commands: readonly TurnCommand[] = absent ? [{ kind: "hold", response: turn.response }] : letGoOn(next, turn.response);
  return { state: next, commands };
}
