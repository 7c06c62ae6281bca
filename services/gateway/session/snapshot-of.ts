import { type Message, Role } from "@troupe/contracts";
import type { TurnState } from "../turn-taking/index.ts";
import { ConversationLog } from "./conversation-log.ts";
import type { ConversationSnapshot } from "./conversation-snapshot.ts";
import { owedOf } from "./owed-text.ts";
import type { Responses } from "./responses.ts";
import type { StageRecovery } from "./stage-recovery.ts";

export interface ConversationParts {
  readonly turn: TurnState;
  readonly log: ConversationLog;
  readonly responses: Responses;
  readonly recovery: StageRecovery;
  /** How far the session was presented, on its own scale. */
  readonly presentedUs: number;
}

/** What another gateway needs to go on from here. */
export function snapshotOf({ turn: state, log, responses, recovery, presentedUs }: ConversationParts): ConversationSnapshot {
  const { lastUtterance, lastResponse, turn } = state;
  const messages = log.messages();
  const instructions = log.items().flatMap((item) => (item.role === "system" ? [item.text] : []));
  const known = { lastUtterance, lastResponse, presentedUs, instructions };
  const current = responses.open().find((response) => !response.speculative && !response.cancelled);
  if (!current) {
    const kept = turn.phase === "answering" ? recovery.kept(turn.response) : undefined;
    return { ...known, messages, ...(kept !== undefined && unanswered(questionIn(messages), kept)) };
  }
  const { said, unsaid } = owedOf(current);
  if (!unsaid) return { ...known, messages, ...unanswered(messages.at(-1)?.text ?? "", current.language) };
  const begun = said === "" ? {} : { said: { number: current.number, text: said } };
  return { ...known, messages: new ConversationLog(messages, said).messages(), unsaid, ...begun };
}

const unanswered = (text: string, language: string) => (text === "" ? {} : { unanswered: { text, language } });

/** What the person said last: part of its answer may have been heard. */
const questionIn = (messages: readonly Message[]) => messages.findLast(({ role }) => role === Role.USER)?.text ?? "";
