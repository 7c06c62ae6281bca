import { create } from "@bufbuild/protobuf";
import { type Message, MessageSchema, Role } from "@troupe/contracts";

const maxMessages = 40;
const maxCharacters = 8000;

/** What was said, as the person knows it: of the avatar's words, those that were presented. Oldest messages are forgotten first. */
export class ConversationLog {
  readonly #messages: Message[] = [];

  /** A question that only goes on where an unanswered one was left replaces it. */
  addUser(text: string): void {
    const last = this.#messages.at(-1);
    if (last?.role === Role.USER && text.startsWith(last.text)) this.#messages.pop();
    this.#add(Role.USER, text);
  }

  addAssistant(text: string): void {
    if (text !== "") this.#add(Role.ASSISTANT, text);
  }

  messages(): readonly Message[] {
    return this.#messages;
  }

  #add(role: Role, text: string): void {
    this.#messages.push(create(MessageSchema, { role, text: text.slice(0, maxCharacters) }));
    if (this.#messages.length > maxMessages) this.#messages.splice(0, this.#messages.length - maxMessages);
  }
}
