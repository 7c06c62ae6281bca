import { meaningOf } from "./back-channels/back-channels.ts";
import { takesTheTurn } from "./barge-in.ts";
import { afterwards, answer, beginUtterance, conclude, excuse, heardBeside, murmured, rest, stay, typed, wait } from "./moves.ts";
import type { Answering, Heard, TurnCommand, TurnEvent, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

/** A response is being made or presented. */
export function whileAnswering(state: TurnState, turn: Answering, event: TurnEvent, policy: TurnPolicy): TurnStep {
  switch (event.kind) {
    case "onset":
      return onset(state, turn, policy);
    case "decision-due":
      return watch(state, turn, event, policy);
    case "guess":
      return turn.murmur?.utterance === event.utterance && turn.murmur.speaking ? overheard(state, turn, event) : stay(state);
    case "speech-end":
      return speechEnded(state, turn, event.utterance);
    case "transcript":
      return understood(state, turn, event, policy);
    case "utterance-failed":
      return unheard(state, turn, event);
    case "discard":
      return forgotten(state, turn, event.utterance);
    default:
      return told(state, turn, event, policy);
  }
}

/** What does not come from the person's voice. */
function told(state: TurnState, turn: Answering, event: TurnEvent, policy: TurnPolicy): TurnStep {
  switch (event.kind) {
    case "typed":
      return typedInto(state, turn, event);
    case "say":
      return wait(state, event, policy);
    case "interrupt":
      return interrupted({ ...state, lines: state.lines.filter((line) => line.uninterruptible) }, turn);
    case "cancel-response":
      return event.response === turn.response ? afterwards(state, turn, policy, [cancelOf(turn)]) : stay(state);
    case "response-started":
      return event.response === turn.response ? { state: { ...state, turn: { ...turn, started: true } }, commands: [] } : stay(state);
    case "response-stalled":
      // What the person says from now on goes on with their question: they interrupt nothing.
      return event.response === turn.response ? { state: { ...state, turn: { ...turn, started: false } }, commands: [] } : stay(state);
    case "response-done":
      return event.response === turn.response ? done(state, turn, policy) : stay(state);
    case "response-failed":
      return event.response === turn.response ? failed(state, turn, event, policy) : stay(state);
    default:
      return stay(state);
  }
}

function onset(state: TurnState, turn: Answering, policy: TurnPolicy): TurnStep {
  if (turn.beside?.speaking) return stay(state);
  const utterance = state.lastUtterance + 1;
  const close = closeMurmur(turn);
  if (turn.uninterruptible || policy.ignoreInterruptions || turn.beside || state.absent) {
    const next = { ...withoutMurmur(turn), beside: heardBeside(turn, murmured(utterance), true) };
    return { state: { ...state, lastUtterance: utterance, turn: next }, commands: [...close, { kind: "open-utterance", utterance }] };
  }
  // Nothing was heard of it yet: they go on with their question.
  if (!turn.started) return beginUtterance(state, [...turn.heard, ...(turn.again ?? [])], [...close, cancelOf(turn)]);
  return beginUtterance(state, [], [...close, ...holdUntilDecided(turn, utterance, policy)], {
    interrupted: { answering: withoutMurmur(turn), utterance, waitedMs: 0, words: 0 },
  });
}

const holdUntilDecided = ({ response }: Answering, utterance: number, { bargeInDecisionMs }: TurnPolicy): TurnCommand[] => [
  { kind: "hold", response },
  { kind: "decide-later", utterance, afterMs: bargeInDecisionMs },
];

function speechEnded(state: TurnState, turn: Answering, utterance: number): TurnStep {
  const { murmur, beside } = turn;
  const commands: TurnCommand[] = [{ kind: "close-utterance", utterance }];
  if (murmur?.speaking && murmur.utterance === utterance)
    return { state: { ...state, turn: { ...turn, murmur: { utterance, speaking: false, patienceMs: 0 } } }, commands };
  if (beside?.speaking && beside.heard.at(-1)?.utterance === utterance)
    return { state: { ...state, turn: { ...turn, beside: { ...beside, speaking: false } } }, commands };
  return stay(state);
}

/** The words of what let the response go on: were they no back-channel, it was a turn after all. */
function understood(state: TurnState, turn: Answering, event: TurnEvent & { kind: "transcript" }, policy: TurnPolicy): TurnStep {
  const { murmur, beside } = turn;
  const { utterance, text, language } = event;
  if (murmur?.utterance === utterance) {
    const ended = { ...state, turn: withoutMurmur(turn) };
    if (event.echo || !takesTheTurn(meaningOf(text), text)) return { state: ended, commands: closeMurmur(turn) };
    return conclude(state, { phase: "hearing", heard: [{ utterance, text, language }], speaking: murmur.speaking }, policy, [
      cancelOf(turn),
    ]);
  }
  if (!beside?.heard.some((part) => part.utterance === utterance)) return stay(state);
  const heard = beside.heard.map((part) => (part.utterance === utterance ? { ...part, text, language } : part));
  return { state: { ...state, turn: { ...turn, beside: { ...beside, heard } } }, commands: [] };
}

/** What nobody will ever know of what was said beside the response is excused after it. */
function unheard(state: TurnState, turn: Answering, event: TurnEvent & { kind: "utterance-failed" }): TurnStep {
  const { beside } = turn;
  const { utterance, language } = event;
  if (!beside?.heard.some((part) => part.utterance === utterance)) return forgotten(state, turn, utterance);
  const closes = beside.speaking && beside.heard.at(-1)?.utterance === utterance;
  const heard = beside.heard.map((part) => (part.utterance === utterance ? { ...part, text: "", language, lost: true } : part));
  const speaking = beside.speaking && !closes;
  return {
    state: { ...state, turn: { ...turn, beside: { heard, speaking } } },
    commands: closes ? [{ kind: "close-utterance", utterance }] : [],
  };
}

function forgotten(state: TurnState, turn: Answering, utterance: number): TurnStep {
  if (turn.murmur?.utterance === utterance) return { state: { ...state, turn: withoutMurmur(turn) }, commands: closeMurmur(turn) };
  const { beside } = turn;
  const last = beside?.heard.at(-1)?.utterance === utterance;
  const heard = beside?.heard.filter((part) => part.utterance !== utterance) ?? [];
  if (!beside || heard.length === beside.heard.length) return stay(state);
  const closes = last && beside.speaking;
  const rest = heard.length > 0 ? { ...turn, beside: { heard, speaking: beside.speaking && !closes } } : withoutBeside(turn);
  return { state: { ...state, turn: rest }, commands: closes ? [{ kind: "close-utterance", utterance }] : [] };
}

/** A sound that let the response go on is there again: the response is held again until it is clear. */
function watch(state: TurnState, turn: Answering, event: TurnEvent & { kind: "decision-due" }, policy: TurnPolicy): TurnStep {
  const { murmur } = turn;
  if (!murmur?.speaking || murmur.utterance !== event.utterance) return stay(state);
  const { utterance } = murmur;
  const patienceMs = Math.max(0, murmur.patienceMs - policy.murmurCheckMs);
  const back = event.silentMs === 0 && murmur.patienceMs <= 0;
  // Seen only once, it may be a breath.
  if (!back || !murmur.back)
    return {
      state: { ...state, turn: { ...turn, murmur: { utterance, speaking: true, patienceMs, back } } },
      commands: [{ kind: "decide-later", utterance, afterMs: policy.murmurCheckMs }],
    };
  return {
    state: {
      ...state,
      turn: {
        phase: "hearing",
        heard: [murmured(utterance)],
        speaking: true,
        interrupted: { answering: withoutMurmur(turn), utterance, waitedMs: 0, words: 0 },
      },
    },
    commands: holdUntilDecided(turn, utterance, policy),
  };
}

/** More words of what let it go on. */
function overheard(state: TurnState, turn: Answering, event: TurnEvent & { kind: "guess" }): TurnStep {
  const meaning = meaningOf(event.text);
  const goesOn = event.silentMs === 0 && (meaning === "words" || meaning === "stop");
  if (event.echo || !(goesOn || takesTheTurn(meaning, event.text))) return stay(state);
  const heard: Heard[] = [{ utterance: event.utterance, text: undefined, language: "" }];
  return { state: { ...state, turn: { phase: "hearing", heard, speaking: true } }, commands: [cancelOf(turn)] };
}

function typedInto(state: TurnState, turn: Answering, event: TurnEvent & { kind: "typed" }): TurnStep {
  const { text, language } = event;
  if (!turn.uninterruptible) return typed(state, text, language, [cancelOf(turn), ...closeMurmur(turn), ...closeBeside(turn)]);
  const utterance = state.lastUtterance + 1;
  // What is being said is kept before it, in the order of its beginning.
  const beside = heardBeside(turn, { utterance, text, language, typed: true }, false);
  return {
    state: { ...state, lastUtterance: utterance, turn: { ...turn, beside } },
    commands: [...closeBeside(turn), { kind: "type-utterance", utterance }],
  };
}

function interrupted(state: TurnState, turn: Answering): TurnStep {
  if (turn.uninterruptible) return stay(state);
  return rest(state, [cancelOf(turn), ...closeMurmur(turn), ...closeBeside(turn)]);
}

function done(state: TurnState, turn: Answering, policy: TurnPolicy): TurnStep {
  // Who speaks by now goes on with the question themselves.
  if (turn.again && !turn.murmur && !turn.beside) return answer(state, turn.again, [], { retried: true });
  return afterwards(state, turn, policy);
}

function failed(state: TurnState, turn: Answering, event: TurnEvent & { kind: "response-failed" }, policy: TurnPolicy): TurnStep {
  const cancel = [cancelOf(turn)];
  // A word of patience that fails is left out: the question counts.
  if (event.excuse && turn.again && !turn.murmur && !turn.beside) return answer(state, turn.again, cancel, { retried: true });
  // An excuse that fails is not excused: its stages would fail again. One that was lost is said once more where they are back.
  if (!event.excuse || (turn.excusing && (!event.lost || turn.retried))) return afterwards(state, turn, policy, cancel);
  const kept = { ...(turn.murmur ? { murmur: turn.murmur } : {}), ...(turn.beside ? { beside: turn.beside } : {}) };
  if (event.lost && turn.heard.length > 0 && !turn.retried)
    return excuse(state, turn.language, policy.bridges, cancel, { ...kept, again: turn.heard });
  return excuse(state, turn.language, policy.excuses, cancel, turn.excusing ? { ...kept, retried: true } : kept);
}

const cancelOf = ({ response }: Answering): TurnCommand => ({ kind: "cancel", response });

/** With the response, the sound that was watched beside it is let go, too. */
const closeMurmur = ({ murmur }: Answering): TurnCommand[] =>
  murmur?.speaking ? [{ kind: "close-utterance", utterance: murmur.utterance }] : [];

const closeBeside = ({ beside }: Answering): TurnCommand[] => {
  const utterance = beside?.heard.at(-1)?.utterance;
  return beside?.speaking && utterance !== undefined ? [{ kind: "close-utterance", utterance }] : [];
};

function withoutMurmur({ murmur: _, ...answering }: Answering): Answering {
  return answering;
}

function withoutBeside({ beside: _, ...answering }: Answering): Answering {
  return answering;
}
