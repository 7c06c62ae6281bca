import { describe, expect, it } from "vitest";
import { describeDialogueBackend } from "./conformance.ts";
import { createStubBackend } from "./stub.ts";

describeDialogueBackend("stub", async () => createStubBackend(), { tenants: ["demo", "other"], question: "When are you open on Sundays?" });

describe("stub backend", () => {
  it("says back what it heard", async () => {
    await using backend = createStubBackend();
    const request = { tenant: "demo", messages: [{ role: "user" as const, text: "Hello **there**." }], language: "en", persona: "" };
    const clauses = await Array.fromAsync(backend.reply(request, { deadlineMs: performance.now() + 1_000 }));
    expect(clauses).toEqual([{ text: "You said: Hello there.", language: "en", citations: [], abstained: false }]);
  });
});
