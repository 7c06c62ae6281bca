import type { Span } from "@opentelemetry/api";
import type { Clause } from "@troupe/contracts";
import type { HeardUntil } from "./heard-words.ts";

/** One response as the gateway follows it. */
export interface Response {
  readonly number: number;
  readonly utterance: number;
  /** BCP-47. */
  readonly language: string;
  /** A line that is said as it is. */
  readonly line: string | undefined;
  /** Root of its trace. */
  readonly span: Span;
  /** Clauses that came from the llm. */
  readonly clauses: Clause[];
  /** It is made before it is certain that it is wanted; nobody hears of it. */
  speculative: boolean;
  replyComplete: boolean;
  started: boolean;
  cancelled: boolean;
  done: boolean;
  /** The clause that is being said. */
  caption: string;
  /** Where the person stopped hearing it, as the caller says. */
  heardUntil: HeardUntil | undefined;
  stageMs: Record<string, number>;
  /** Cancels the wait for its start, or for the report of its end. */
  cancelTimer: () => void;
}
