import {
  defaultTurnPolicy,
  initialTurnState,
  type TurnCommand,
  type TurnEvent,
  type TurnPolicy,
  type TurnState,
  takeTurn,
} from "../index.ts";

/** Events, and the commands they lead to, in short. */
export const policy: TurnPolicy = { ...defaultTurnPolicy, maxLines: 3 };

export const onset: TurnEvent = { kind: "onset" };
export const interrupt: TurnEvent = { kind: "interrupt" };
export const end = (utterance: number): TurnEvent => ({ kind: "speech-end", utterance });
export const heard = (utterance: number, text: string): TurnEvent => ({ kind: "transcript", utterance, text, language: "en" });
export const unheard = (utterance: number, language = "en"): TurnEvent => ({ kind: "utterance-failed", utterance, language });
/** @param complete they may have finished, and no voice is heard */
export const guess = (utterance: number, text: string, complete = false, silentMs = complete ? 1000 : 0): TurnEvent => ({
  kind: "guess",
  utterance,
  text,
  language: "en",
  silentMs,
  complete,
});
export const resumed = (utterance: number): TurnEvent => ({ kind: "resumed", utterance });
export const discard = (utterance: number): TurnEvent => ({ kind: "discard", utterance });
export const respond: TurnEvent = { kind: "respond", language: "en" };
export const cancelled = (response: number): TurnEvent => ({ kind: "cancel-response", response });
export const left: TurnEvent = { kind: "left" };
export const returned: TurnEvent = { kind: "returned" };
export const disclaimer = (text: string): TurnEvent => ({ kind: "say", text, language: "en", uninterruptible: true });
export const silent = (utterance: number, silentMs: number): TurnEvent => ({ kind: "decision-due", utterance, silentMs });
export const due = (utterance: number, speaking: boolean): TurnEvent => silent(utterance, speaking ? 0 : 1000);
export const typed = (text: string): TurnEvent => ({ kind: "typed", text, language: "de" });
export const line = (text: string): TurnEvent => ({ kind: "say", text, language: "en" });
export const started = (response: number): TurnEvent => ({ kind: "response-started", response });
export const done = (response: number): TurnEvent => ({ kind: "response-done", response });
export const failed = (response: number, excuse: boolean, lost = false): TurnEvent => ({ kind: "response-failed", response, excuse, lost });

export const stalled = (response: number): TurnEvent => ({ kind: "response-stalled", response });
export const apologise = (language = "en"): TurnEvent => ({ kind: "apologise", language });

export const play = (...events: readonly TurnEvent[]) => playWith(policy, ...events);

export function playWith(
  policy: TurnPolicy,
  ...events: readonly TurnEvent[]
): { readonly state: TurnState; readonly commands: readonly string[] } {
  let state = initialTurnState;
  const commands: string[] = [];
  for (const event of events) {
    const step = takeTurn(state, event, policy);
    state = step.state;
    commands.push(...step.commands.map(brief));
  }
  return { state, commands };
}

export function brief(command: TurnCommand): string {
  switch (command.kind) {
    case "answer":
    case "speculate":
    case "commit":
      return `${command.kind} ${command.response} to ${command.utterance}: ${command.text}`;
    case "note":
      return `note ${command.utterance}: ${command.text}`;
    case "say":
      return `say ${command.response}: ${command.text}`;
    case "hold":
    case "release":
    case "cancel":
      return `${command.kind} ${command.response}`;
    default:
      return `${command.kind} ${command.utterance}`;
  }
}
