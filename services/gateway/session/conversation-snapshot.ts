import type { Message } from "@troupe/contracts";

/** Words that are still owed, in their language (BCP-47; empty: unknown). */
export interface OwedText {
  readonly text: string;
  readonly language: string;
}

/** What another gateway needs to go on with a conversation. */
export interface ConversationSnapshot {
  /** What was said, oldest first; of the avatar's words, those that were heard. */
  readonly messages: readonly Message[];
  /** What the caller wrote for the avatar to mind, oldest first. */
  readonly instructions: readonly string[];
  readonly lastUtterance: number;
  readonly lastResponse: number;
  /** How far the session was presented, on its own scale. */
  readonly presentedUs: number;
  /** Of the answer that is being said, what was said already. It is the last of the messages, too. */
  readonly said?: { readonly number: number; readonly text: string };
  /** The rest of the answer that is being said, when all of it is known. */
  readonly unsaid?: OwedText;
  /** A question whose answer is not all known yet, or was not begun. It is the last of the messages, too. */
  readonly unanswered?: OwedText;
}
