/** One way to make the words of a response. Stateless: everything it needs comes with each request. */
export interface DialogueBackend extends AsyncDisposable {
  readonly name: string;
  /**
   * Answers the last message; yields clause by clause, each fit to be spoken as it is.
   * @throws ServiceError DEADLINE, CANCELLED, BACKEND_FAILED
   */
  reply(request: DialogueRequest, options: ReplyOptions): AsyncIterable<ReplyClause>;
}

export interface DialogueRequest {
  /** Whose knowledge and persona to use. */
  readonly tenant: string;
  /** Oldest first; the last one is the person's. At most 64 messages of 8,000 characters. */
  readonly messages: readonly Message[];
  /** BCP-47 language of the last message. */
  readonly language: string;
  /** How the avatar introduces itself and speaks; plain text. */
  readonly persona: string;
}

export interface Message {
  readonly role: "user" | "assistant";
  readonly text: string;
}

export interface ReplyOptions {
  readonly deadlineMs: number;
  /**
   * Longest time a reasoning model may think before the first words; then it has to answer from what it has. Thoughts are never
   * spoken. Undefined: as long as the deadline allows.
   */
  readonly thinkingMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReplyClause {
  readonly text: string;
  readonly language: string;
  readonly citations: readonly Citation[];
  /** True when the backend declines to answer for want of a source. */
  readonly abstained: boolean;
  /** How to say it, where the answerer knows; undefined: as the session says everything. */
  readonly delivery?: SpokenDelivery | undefined;
}

export type SpokenDelivery = "neutral" | "gentle" | "excited";

export interface Citation {
  /** Id of the knowledge document, or of the question and answer. */
  readonly document: string;
  readonly title: string;
  /** The sentence the answer stands on. */
  readonly quote: string;
}
