import { create } from "@bufbuild/protobuf";
import { type Message, MessageSchema, Role } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";

const maxItems = 40;
const maxCharacters = 8000;

/** One message of a conversation. */
export interface ConversationItem {
  /** `utterance-<n>`, `response-<n>`, or what the caller chose. */
  readonly id: string;
  readonly role: "user" | "assistant" | "system";
  readonly text: string;
  /** Number of the utterance it was; 0: the caller wrote it, or it is none. */
  readonly utterance: number;
  /** Likewise of the response. */
  readonly response: number;
}

/** What a caller writes into a conversation. */
export interface NewItem {
  /** Default: a random one. */
  readonly id?: string;
  readonly role: ConversationItem["role"];
  readonly text: string;
  /** Item that it follows; "": it becomes the first; undefined: the last. */
  readonly afterId?: string;
}

/** What was said, as the person knows it: of the avatar's words, those that they heard. Oldest items are forgotten first. */
export class ConversationLog {
  readonly #items: ConversationItem[] = [];

  /** @param said of a response that goes on elsewhere: it follows */
  constructor(adopted: readonly Message[] = [], said = "") {
    adopted.forEach(({ role, text }, index) => {
      this.#add({ id: `adopted-${index + 1}`, role: role === Role.ASSISTANT ? "assistant" : "user", text, utterance: 0, response: 0 });
    });
    if (said !== "") this.#add({ id: "said", role: "assistant", text: said, utterance: 0, response: 0 });
  }

  /** A question that only goes on where an unanswered one was left replaces it. */
  addQuestion(utterance: number, text: string): void {
    const last = this.#items.at(-1);
    if (last && goesOn(last, text)) this.#items.pop();
    this.addUser(utterance, text);
  }

  addUser(utterance: number, text: string): void {
    this.#add({ id: `utterance-${utterance}`, role: "user", text, utterance, response: 0 });
  }

  /** The place of a response; its words come when they were heard. */
  beginResponse(response: number): void {
    this.#add({ id: `response-${response}`, role: "assistant", text: "", utterance: 0, response });
  }

  /** What was heard of it; of a response of which nothing was, nothing remains. */
  setHeard(response: number, text: string): void {
    const index = this.#items.findIndex((item) => item.response === response);
    const item = this.#items[index];
    if (!item) return;
    if (text === "") this.#items.splice(index, 1);
    else this.#items[index] = { ...item, text: text.slice(0, maxCharacters) };
  }

  /** @throws ServiceError INVALID_REQUEST where the id is taken, or `afterId` unknown */
  insert({ id = crypto.randomUUID(), role, text, afterId }: NewItem): ConversationItem {
    if (this.#items.some((item) => item.id === id))
      throw new ServiceError("INVALID_REQUEST", `there is an item "${id.slice(0, 64)}" already`);
    const item: ConversationItem = { id, role, text: text.slice(0, maxCharacters), utterance: 0, response: 0 };
    if (afterId === undefined) this.#add(item);
    else {
      const at = afterId === "" ? 0 : this.#indexOf(afterId) + 1;
      this.#items.splice(at, 0, item);
      this.#trim();
    }
    return item;
  }

  /** @throws ServiceError INVALID_REQUEST where there is none of that id */
  remove(id: string): void {
    this.#items.splice(this.#indexOf(id), 1);
  }

  /** Oldest first. */
  items(): readonly ConversationItem[] {
    return this.#items.filter((item) => item.text !== "");
  }

  /** For a language model, with a question that is not in it yet. */
  messages(question?: string): readonly Message[] {
    const items = this.items().filter((item) => item.role !== "system");
    const last = items.at(-1);
    if (question !== undefined && last && goesOn(last, question)) items.pop();
    const messages = items.map(({ role, text }) => messageOf(role === "assistant" ? Role.ASSISTANT : Role.USER, text));
    return question === undefined ? messages : [...messages, messageOf(Role.USER, question)];
  }

  /** What the caller wrote for the avatar to mind. */
  instructions(): string {
    return this.#items.flatMap((item) => (item.role === "system" ? [item.text] : [])).join("\n");
  }

  #add(item: ConversationItem): void {
    this.#items.push({ ...item, text: item.text.slice(0, maxCharacters) });
    this.#trim();
  }

  #trim(): void {
    if (this.#items.length <= maxItems) return;
    const oldest = this.#items.findIndex((item) => item.role !== "system");
    this.#items.splice(Math.max(0, oldest), 1);
  }

  #indexOf(id: string): number {
    const index = this.#items.findIndex((item) => item.id === id);
    if (index < 0) throw new ServiceError("INVALID_REQUEST", `there is no item "${id.slice(0, 64)}"`);
    return index;
  }
}

const goesOn = ({ role, utterance, text }: ConversationItem, question: string) =>
  role === "user" && utterance > 0 && question.startsWith(text);

const messageOf = (role: Role, text: string) => create(MessageSchema, { role, text: text.slice(0, maxCharacters) });
