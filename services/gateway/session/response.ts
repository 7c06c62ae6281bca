import type { Span } from "@opentelemetry/api";

/** One response as the gateway follows it. */
export interface Response {
  readonly number: number;
  readonly utterance: number;
  /** Root of its trace. */
  readonly span: Span;
  /** Clauses that came from the llm. */
  readonly clauses: string[];
  replyComplete: boolean;
  started: boolean;
  done: boolean;
  stageMs: Record<string, number>;
  /** Cancels the wait for its start. */
  cancelTimer: () => void;
}
