import type { Conversation } from "../session/conversation.ts";

/** What a client writes into the history of a conversation. */
export interface History {
  remember(item: {
    readonly id?: string;
    readonly role: "user" | "assistant" | "system";
    readonly text: string;
    readonly afterId?: string;
  }): unknown;
  forget(id: string): void;
  truncate(response: number, audioEndMs: number): void;
}

export const historyOf = (conversation: Conversation): History => conversation as unknown as History;
