import { Role } from "@troupe/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConversationLog } from "./conversation-log.ts";

describe("the conversation log", () => {
  it("keeps who said what, in order", () => {
    const log = new ConversationLog();
    log.addUser("Hello?");
    log.addAssistant("Good morning.");
    expect(log.messages()).toMatchObject([
      { role: Role.USER, text: "Hello?" },
      { role: Role.ASSISTANT, text: "Good morning." },
    ]);
  });

  it("leaves out what the avatar was not heard to say", () => {
    const log = new ConversationLog();
    log.addAssistant("");
    expect(log.messages()).toEqual([]);
  });

  it("forgets the oldest, keeps the newest and never grows over its bounds", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.string()), { minLength: 1, maxLength: 120 }), (drawn) => {
        const said = drawn.map(([user, text], index) => [user, `${index}: ${text}`] as const);
        const log = new ConversationLog();
        for (const [user, text] of said) user ? log.addUser(text) : log.addAssistant(text);
        expect(log.messages().map((message) => message.text)).toEqual(said.slice(-40).map(([, text]) => text));
      }),
    );
  });

  it("keeps a question in two breaths once", () => {
    const log = new ConversationLog();
    log.addUser("How much is a ticket");
    log.addUser("How much is a ticket for children?");
    expect(log.messages().map((message) => message.text)).toEqual(["How much is a ticket for children?"]);
  });

  it("cuts a message that is longer than a stage would read", () => {
    const log = new ConversationLog();
    log.addUser("x".repeat(20_000));
    expect(log.messages()[0]?.text).toHaveLength(8000);
  });
});
