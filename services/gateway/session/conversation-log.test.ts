import { create } from "@bufbuild/protobuf";
import { MessageSchema, Role } from "@troupe/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConversationLog } from "./conversation-log.ts";

const texts = (log: ConversationLog) => log.messages().map((message) => message.text);

function answered(log: ConversationLog, response: number, text: string): void {
  log.beginResponse(response);
  log.setHeard(response, text);
}

describe("the conversation log", () => {
  it("keeps who said what, in order, though the words of a response come after what followed it", () => {
    const log = new ConversationLog();
    log.addQuestion(1, "Hello?");
    log.beginResponse(1);
    log.addQuestion(2, "And you?");
    log.setHeard(1, "Good morning.");
    expect(log.messages()).toMatchObject([
      { role: Role.USER, text: "Hello?" },
      { role: Role.ASSISTANT, text: "Good morning." },
      { role: Role.USER, text: "And you?" },
    ]);
    expect(log.items().map((item) => item.id)).toEqual(["utterance-1", "response-1", "utterance-2"]);
  });

  it("leaves out what the avatar was not heard to say, and cuts what was heard in part", () => {
    const log = new ConversationLog();
    answered(log, 1, "");
    answered(log, 2, "All of it.");
    log.setHeard(2, "All");
    expect(texts(log)).toEqual(["All"]);
    log.setHeard(2, "");
    expect(log.items()).toEqual([]);
  });

  it("forgets the oldest, keeps the newest and never grows over its bounds", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.string()), { minLength: 1, maxLength: 120 }), (drawn) => {
        const said = drawn.map(([user, text], index) => [user, `${index}: ${text}`] as const);
        const log = new ConversationLog();
        said.forEach(([user, text], index) => {
          user ? log.addQuestion(index + 1, text) : answered(log, index + 1, text);
        });
        expect(texts(log)).toEqual(said.slice(-40).map(([, text]) => text));
      }),
    );
  });

  it("keeps a question in two breaths once, and shows how a question that is not certain would go on", () => {
    const log = new ConversationLog();
    log.addQuestion(1, "How much is a ticket");
    expect(log.messages("How much is a ticket for children?").map((message) => message.text)).toEqual([
      "How much is a ticket for children?",
    ]);
    expect(texts(log)).toEqual(["How much is a ticket"]);
    log.addQuestion(2, "How much is a ticket for children?");
    expect(texts(log)).toEqual(["How much is a ticket for children?"]);
    expect(log.items()[0]?.id).toBe("utterance-2");
  });

  it("takes what a caller writes, where they want it, and gives instructions apart", () => {
    const log = new ConversationLog();
    log.addUser(1, "second");
    log.insert({ id: "a", role: "user", text: "first", afterId: "" });
    log.insert({ id: "b", role: "system", text: "Be brief.", afterId: "a" });
    const last = log.insert({ role: "assistant", text: "third" });
    expect(texts(log)).toEqual(["first", "second", "third"]);
    expect(log.instructions()).toBe("Be brief.");
    expect(() => log.insert({ id: "a", role: "user", text: "again" })).toThrow("already");
    expect(() => log.insert({ role: "user", text: "x", afterId: "nobody" })).toThrow("no item");
    log.remove(last.id);
    expect(texts(log)).toEqual(["first", "second"]);
    expect(() => log.remove(last.id)).toThrow("no item");
  });

  it("goes on with the messages of another gateway", () => {
    const messages = [
      create(MessageSchema, { role: Role.USER, text: "Hello?" }),
      create(MessageSchema, { role: Role.ASSISTANT, text: "Yes." }),
    ];
    expect(new ConversationLog(messages, "More.").messages()).toMatchObject([...messages, { role: Role.ASSISTANT, text: "More." }]);
  });

  it("cuts a message that is longer than a stage would read", () => {
    const log = new ConversationLog();
    log.addQuestion(1, "x".repeat(20_000));
    expect(log.messages()[0]?.text).toHaveLength(8000);
  });
});
