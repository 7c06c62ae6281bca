import { joinWords } from "@troupe/timeline";
import { type Meaning, meaningOf, plainWords } from "./back-channels/back-channels.ts";
import type { Answering, Beside, Heard, Hearing, Line, TurnCommand, TurnPolicy, TurnState, TurnStep } from "./turn-state.ts";

/** Steps that several phases share. */

/** The person begins to speak; what is heard already is kept before it. */
export function beginUtterance(
  state: TurnState,
  heard: readonly Heard[],
  commands: readonly TurnCommand[],
  extra: Partial<Hearing> = {},
): TurnStep {
  const utterance = state.lastUtterance + 1;
  const begun: Heard = { utterance, text: undefined, language: "", ...(extra.interrupted ? { beside: true } : {}) };
  const turn: Hearing = { phase: "hearing", heard: [...heard, begun], speaking: true, ...extra };
  return { state: { ...state, turn, lastUtterance: utterance }, commands: [...commands, { kind: "open-utterance", utterance }] };
}

/** Answers what was said, or, where that is withheld, only notes it. */
export function conclude(state: TurnState, turn: Hearing, policy: TurnPolicy, commands: readonly TurnCommand[] = []): TurnStep {
  if (turn.speaking || turn.heard.some((part) => part.text === undefined)) return { state: { ...state, turn }, commands };
  const spoken = turn.heard.filter(isSpoken);
  const retracted = retract(turn);
  const nothing = { kind: "nothing-heard", utterance: turn.heard.at(-1)?.utterance ?? 0 } as const;
  if (spoken.length === 0) {
    if (turn.respond) return answerAsItStands(state, turn.heard.at(-1)?.language ?? "", [...commands, ...retracted]);
    // A back-channel is no failure to understand.
    const lost = turn.heard.find((part) => part.lost);
    if (lost && !policy.withholdResponse) return excuse(state, lost.language, policy.unheard, [...commands, ...retracted]);
    const understood = turn.heard.some((part) => part.text !== "" || part.beside);
    return rest(state, [...commands, ...retracted, ...(understood ? [] : [nothing])]);
  }
  const wanted = turn.respond || spoken.some(({ typed }) => typed);
  if (policy.withholdResponse && !wanted) return rest(state, [...commands, ...retracted, noteOf(spoken)]);
  return turn.speculation?.words === wordsOf(spoken)
    ? commit(state, turn.speculation.response, spoken, commands)
    : answer(state, spoken, [...commands, ...retracted]);
}

/** What the response that is being made in advance was made for has changed. */
export const retract = ({ speculation }: Hearing): TurnCommand[] =>
  speculation ? [{ kind: "cancel", response: speculation.response }] : [];

export function answer(
  state: TurnState,
  heard: readonly Heard[],
  commands: readonly TurnCommand[] = [],
  extra: Partial<Answering> = {},
): TurnStep {
  const response = state.lastResponse + 1;
  const next = { ...state, lastResponse: response };
  return present(next, { ...answering(response, heard), ...extra }, [...commands, { kind: "answer", response, ...questionOf(heard) }]);
}

/** Answers what the conversation ends with. */
export function answerAsItStands(state: TurnState, language: string, commands: readonly TurnCommand[] = []): TurnStep {
  const response = state.lastResponse + 1;
  const command = { kind: "answer", response, utterance: 0, text: undefined, language } as const;
  return present({ ...state, lastResponse: response }, { ...answering(response, []), language }, [...commands, command]);
}

function commit(state: TurnState, response: number, heard: readonly Heard[], commands: readonly TurnCommand[]): TurnStep {
  return present(state, answering(response, heard), [...commands, { kind: "commit", response, ...questionOf(heard) }]);
}

export function say(state: TurnState, line: Line, commands: readonly TurnCommand[] = [], extra: Partial<Answering> = {}): TurnStep {
  const response = state.lastResponse + 1;
  const { text, language, uninterruptible } = line;
  const turn = { ...answering(response, []), language, ...(uninterruptible ? { uninterruptible } : {}), ...extra };
  return present({ ...state, lastResponse: response }, turn, [...commands, { kind: "say", response, text, language }]);
}

/** Says what the platform has to say for itself, in the language if there is a line in it, else the first. */
export function excuse(
  state: TurnState,
  language: string,
  lines: readonly Line[],
  commands: readonly TurnCommand[],
  extra: Partial<Answering> = {},
): TurnStep {
  return say(state, lineIn(language, lines), commands, { ...extra, excusing: true });
}

function lineIn(language: string, lines: readonly Line[]): Line {
  const primary = (tag: string) => tag.split("-")[0];
  return lines.find((line) => primary(line.language) === primary(language)) ?? (lines[0] as Line);
}

/** A line waits until the turn is free; of too many, the newest are kept. */
export function wait(state: TurnState, { text, language, uninterruptible }: Line, { maxLines }: TurnPolicy): TurnStep {
  const line = { text, language, ...(uninterruptible ? { uninterruptible } : {}) };
  return { state: { ...state, lines: [...state.lines, line].slice(-maxLines) }, commands: [] };
}

/** The response is over: what was said meanwhile is answered, then waiting lines are said. */
export function afterwards(state: TurnState, turn: Answering, policy: TurnPolicy, commands: readonly TurnCommand[] = []): TurnStep {
  const { beside, murmur } = turn;
  const heard = [...(beside?.heard ?? []), ...(murmur ? [murmured(murmur.utterance)] : [])];
  const speaking = (beside?.speaking ?? false) || (murmur?.speaking ?? false);
  return heard.length === 0 ? rest(state, commands) : conclude(state, { phase: "hearing", heard, speaking }, policy, commands);
}

/** Words that are spoken beside a response, to be answered after it. */
export function heardBeside({ beside }: Answering, part: Heard, speaking: boolean): Beside {
  return { heard: [...(beside?.heard ?? []), part], speaking };
}

export const murmured = (utterance: number): Heard => ({ utterance, text: undefined, language: "", beside: true });

/** The turn is free: the next waiting line is said, if any. */
export function rest(state: TurnState, commands: readonly TurnCommand[] = []): TurnStep {
  const [line, ...lines] = state.lines;
  if (line) return say({ ...state, lines }, line, commands);
  return { state: { ...state, turn: { phase: "idle" } }, commands };
}

/** What was typed is an utterance whose words are known at once. */
export function typed(state: TurnState, text: string, language: string, commands: readonly TurnCommand[]): TurnStep {
  const utterance = state.lastUtterance + 1;
  const heard = [{ utterance, text, language }];
  return answer({ ...state, lastUtterance: utterance }, heard, [...commands, { kind: "type-utterance", utterance }]);
}

/** A held response goes on, unless nobody is there to listen. */
export const letGoOn = ({ absent }: TurnState, response: number): TurnCommand[] => (absent ? [] : [{ kind: "release", response }]);

export const stay = (state: TurnState): TurnStep => ({ state, commands: [] });

export function wordsOf(heard: readonly Heard[]): string {
  return plainWords(joinWords(heard.map((part) => part.text ?? "")));
}

/** Said beside a response, it wants no answer. */
const unanswered: ReadonlySet<Meaning> = new Set(["back-channel", "closing"]);

function isSpoken({ text, beside }: Heard): boolean {
  return text !== undefined && text !== "" && !(beside && unanswered.has(meaningOf(text)));
}

function present(state: TurnState, turn: Answering, commands: readonly TurnCommand[]): TurnStep {
  const hold: TurnCommand[] = state.absent ? [{ kind: "hold", response: turn.response }] : [];
  return { state: { ...state, turn }, commands: [...commands, ...hold] };
}

const answering = (response: number, heard: readonly Heard[]): Answering => ({
  phase: "answering",
  response,
  language: heard.at(-1)?.language ?? "",
  heard,
  started: false,
});

export function questionOf(heard: readonly Heard[]) {
  const { utterance = 0, language = "" } = heard.at(-1) ?? {};
  return { utterance, text: joinWords(heard.map((part) => part.text ?? "")), language };
}

const noteOf = (heard: readonly Heard[]): TurnCommand => ({ kind: "note", ...questionOf(heard) });
