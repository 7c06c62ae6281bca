import { create } from "@bufbuild/protobuf";
import { ClauseSchema } from "@troupe/contracts";
import { describe, expect, it } from "vitest";
import { owedOf } from "./owed-text.ts";
import type { Response } from "./response.ts";

const clauses = ["On Sundays we open at ten.", "We close at five.", "Come early."].map((text) => create(ClauseSchema, { text }));
const response = (change: Partial<Response>) =>
  ({ clauses, line: undefined, language: "en", caption: "", replyComplete: true, started: true, ...change }) as Response;

describe("what is owed of a response", () => {
  it("is the clause that is being said and what follows it", () => {
    expect(owedOf(response({ caption: "We close at five." }))).toEqual({
      said: "On Sundays we open at ten.",
      unsaid: { text: "We close at five. Come early.", language: "en" },
    });
    expect(owedOf(response({ started: false })).said).toBe("");
  });

  it("is not known while words are still to come", () => {
    expect(owedOf(response({ replyComplete: false, caption: "Come early." }))).toEqual({
      said: "On Sundays we open at ten. We close at five.",
      unsaid: undefined,
    });
  });

  it("is all of a line of which nothing was made yet", () => {
    const line = response({ clauses: [], replyComplete: false, line: "Welcome.", started: false });
    expect(owedOf(line)).toEqual({ said: "", unsaid: { text: "Welcome.", language: "en" } });
  });
});
