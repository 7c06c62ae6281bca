import { meaningOf, wordList } from "./back-channels/back-channels.ts";
import { judgeBargeIn } from "./barge-in.ts";
import { answerAsItStands, beginUtterance, conclude, letGoOn, questionOf, rest, retract, stay, typed, wait, wordsOf } from "./moves.ts";
import type { Heard, Hearing, Interrupted, TurnCommand, TurnEvent, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

/** The person speaks, or their words are being recognised. */
export function whileHearing(state: TurnState, turn: Hearing, event: TurnEvent, policy: TurnPolicy): TurnStep {
  switch (event.kind) {
    case "onset":
      return onset(state, turn);
    case "speech-end":
      return speechEnded(state, turn, event.utterance, policy);
    case "resumed":
      return resumed(state, turn, event.utterance);
    case "guess":
      return guessed(state, turn, event, policy);
    case "transcript":
      return understood(state, turn, { utterance: event.utterance, text: event.text, language: event.language }, policy);
    case "utterance-failed":
      return understood(state, turn, { utterance: event.utterance, text: "", language: event.language, lost: true }, policy);
    case "discard":
      return discarded(state, turn, event.utterance, policy);
    case "decision-due":
      return decide(state, turn, event, policy);
    default:
      return told(state, turn, event, policy);
  }
}

/** What does not come from the person's voice. */
function told(state: TurnState, turn: Hearing, event: TurnEvent, policy: TurnPolicy): TurnStep {
  switch (event.kind) {
    case "typed":
      return typed(state, event.text, event.language, [...abandon(turn), ...retract(turn), ...closeOpen(turn)]);
    case "say":
      return wait(state, event, policy);
    case "interrupt":
      return takeOver({ ...state, lines: state.lines.filter((line) => line.uninterruptible) }, turn);
    case "respond":
      return conclude(state, { ...turn, respond: true }, policy);
    case "cancel-response":
    case "response-done":
    case "response-failed":
      return responseOver(state, turn, event.response);
    default:
      return stay(state);
  }
}

function responseOver(state: TurnState, turn: Hearing, response: number): TurnStep {
  if (turn.interrupted?.answering.response === response) return giveWay(state, turn);
  if (turn.speculation?.response !== response) return stay(state);
  return { state: { ...state, turn: withoutSpeculation(turn) }, commands: retract(turn) };
}

function onset(state: TurnState, turn: Hearing): TurnStep {
  if (turn.speaking) return stay(state);
  // They go on before their words were understood: one question in two breaths.
  const { interrupted, respond } = turn;
  return beginUtterance(state, turn.heard, retract(turn), { ...(interrupted ? { interrupted } : {}), ...(respond ? { respond } : {}) });
}

function speechEnded(state: TurnState, turn: Hearing, utterance: number, policy: TurnPolicy): TurnStep {
  if (!turn.speaking || turn.heard.at(-1)?.utterance !== utterance) return stay(state);
  const close: TurnCommand = { kind: "close-utterance", utterance };
  const { interrupted } = turn;
  if (!interrupted) return conclude(state, { ...turn, speaking: false }, policy, [close]);
  // They stopped before the decision was due. The response goes on; what the sound meant, its words will tell.
  const { answering } = interrupted;
  return {
    state: { ...state, turn: { ...answering, murmur: { utterance, speaking: false, patienceMs: 0 } } },
    commands: [close, ...letGoOn(state, answering.response)],
  };
}

/** They had not finished: what was made for it is let go. */
function resumed(state: TurnState, turn: Hearing, utterance: number): TurnStep {
  if (!turn.speculation || turn.heard.at(-1)?.utterance !== utterance) return stay(state);
  return { state: { ...state, turn: withoutSpeculation(turn) }, commands: retract(turn) };
}

function guessed(state: TurnState, turn: Hearing, event: TurnEvent & { kind: "guess" }, policy: TurnPolicy): TurnStep {
  if (!turn.speaking || turn.heard.at(-1)?.utterance !== event.utterance) return stay(state);
  if (turn.interrupted) return judge(state, turn, event, policy);
  const { utterance, text, language } = event;
  const heard: Heard[] = [...turn.heard.slice(0, -1), { utterance, text, language }].filter((part) => part.text !== "");
  const certain = event.complete && text !== "" && heard.every((part) => part.text !== undefined);
  if (!policy.speculate || policy.withholdResponse || !certain) return stay(state);
  const words = wordsOf(heard);
  if (turn.speculation?.words === words) return stay(state);
  const response = state.lastResponse + 1;
  return {
    state: { ...state, lastResponse: response, turn: { ...turn, speculation: { response, words } } },
    commands: [...retract(turn), { kind: "speculate", response, ...questionOf(heard) }],
  };
}

/** The first words that are spoken into a response show whether they are meant as a turn. */
function judge(state: TurnState, turn: Hearing, event: TurnEvent & { kind: "guess" }, policy: TurnPolicy): TurnStep {
  const { interrupted } = turn;
  if (!interrupted) return stay(state);
  const known: Interrupted = {
    ...interrupted,
    meaning: event.echo ? "echo" : meaningOf(event.text),
    words: wordList(event.text).length,
  };
  return weigh(state, turn, known, event.silentMs, policy);
}

function understood(state: TurnState, turn: Hearing, words: Heard, policy: TurnPolicy): TurnStep {
  if (!turn.heard.some((part) => part.utterance === words.utterance)) return stay(state);
  const heard = turn.heard.map((part) => (part.utterance === words.utterance ? { ...part, ...words } : part));
  return conclude(state, { ...turn, heard }, policy);
}

/** As if it had never been said. */
function discarded(state: TurnState, turn: Hearing, utterance: number, policy: TurnPolicy): TurnStep {
  const heard = turn.heard.filter((part) => part.utterance !== utterance);
  if (heard.length === turn.heard.length) return stay(state);
  const speaking = turn.speaking && turn.heard.at(-1)?.utterance !== utterance;
  const commands: TurnCommand[] = turn.speaking && !speaking ? [{ kind: "close-utterance", utterance }] : [];
  const { interrupted } = turn;
  if (interrupted?.utterance === utterance)
    return { state: { ...state, turn: interrupted.answering }, commands: [...commands, ...letGoOn(state, interrupted.answering.response)] };
  if (heard.length > 0) return conclude(state, { ...turn, heard, speaking }, policy, commands);
  const all = [...commands, ...retract(turn)];
  return turn.respond ? answerAsItStands(state, "", all) : rest(state, all);
}

/** The sound is looked at again and again, until it or its words tell. */
function decide(state: TurnState, turn: Hearing, event: TurnEvent & { kind: "decision-due" }, policy: TurnPolicy): TurnStep {
  const { interrupted } = turn;
  if (interrupted?.utterance !== event.utterance) return stay(state);
  const { utterance } = interrupted;
  const waitedMs = interrupted.waitedMs === 0 ? policy.bargeInDecisionMs : interrupted.waitedMs + policy.bargeInStepMs;
  const step = weigh(state, turn, { ...interrupted, waitedMs }, event.silentMs, policy);
  if (step.state.turn.phase === "hearing" && step.state.turn.interrupted)
    return { ...step, commands: [{ kind: "decide-later", utterance, afterMs: policy.bargeInStepMs }] };
  const watched = step.state.turn.phase === "answering";
  return watched ? { ...step, commands: [...step.commands, { kind: "decide-later", utterance, afterMs: policy.murmurCheckMs }] } : step;
}

function weigh(state: TurnState, turn: Hearing, interrupted: Interrupted, silentMs: number, policy: TurnPolicy): TurnStep {
  const { meaning, words, waitedMs } = interrupted;
  switch (judgeBargeIn({ meaning, words, silentMs, waitedMs }, policy)) {
    case "cancel":
      return takeOver(state, turn);
    case "release":
      return murmurs(state, interrupted, policy);
    case "wait":
      return { state: { ...state, turn: { ...turn, interrupted } }, commands: [] };
  }
}

/** The response goes on; what may follow the sound is watched whenever it was to be looked at. */
function murmurs(state: TurnState, { answering, utterance, meaning }: Interrupted, { murmurPatienceMs }: TurnPolicy): TurnStep {
  const patienceMs = meaning === "back-channel" || meaning === "echo" ? murmurPatienceMs : 0;
  return {
    state: { ...state, turn: { ...answering, murmur: { utterance, speaking: true, patienceMs } } },
    commands: letGoOn(state, answering.response),
  };
}

/** The person means it: whatever they say is answered. */
function takeOver(state: TurnState, turn: Hearing): TurnStep {
  return giveWay(state, { ...turn, heard: turn.heard.map(({ beside: _, ...part }) => part) });
}

/** The response ends, and they are listened to. */
function giveWay(state: TurnState, turn: Hearing): TurnStep {
  const { interrupted: _, ...listening } = turn;
  return { state: { ...state, turn: listening }, commands: abandon(turn) };
}

function withoutSpeculation({ speculation: _, ...turn }: Hearing): Hearing {
  return turn;
}

const abandon = (turn: Hearing): TurnCommand[] =>
  turn.interrupted ? [{ kind: "cancel", response: turn.interrupted.answering.response }] : [];

/** Typing ends what is being said: its sound would belong to no turn. */
const closeOpen = (turn: Hearing): TurnCommand[] => {
  const utterance = turn.heard.at(-1)?.utterance;
  return turn.speaking && utterance !== undefined ? [{ kind: "close-utterance", utterance }] : [];
};
