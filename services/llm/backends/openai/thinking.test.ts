import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createThoughtSplitter } from "../thought-splitter.ts";
import { createOpenAiBackend } from "./openai.ts";
import { chunk, openStream, type Script, says, startScriptedServer } from "./scripted-server.ts";

const request = { tenant: "demo", messages: [{ role: "user" as const, text: "Why?" }], language: "en", persona: "" };
const done = "data: [DONE]\n\n";
const thought = (field: string, text: string) => `data: ${JSON.stringify({ choices: [{ delta: { [field]: text } }] })}\n\n`;

async function ask(script: Script, thinkingMs?: number) {
  await using server = await startScriptedServer(script);
  const backend = createOpenAiBackend({
    endpoints: [{ baseUrl: server.baseUrl, model: "m" }],
    firstTokenTimeoutMs: 2_000,
    idleTimeoutMs: 2_000,
    maxTokens: 100,
  });
  const outcome: { readonly said?: string; readonly error?: unknown } = await Array.fromAsync(
    backend.reply(request, { deadlineMs: performance.now() + 5_000, thinkingMs }),
  ).then(
    (clauses) => ({ said: clauses.map(({ text }) => text).join(" ") }),
    (error: unknown) => ({ error }),
  );
  return { ...outcome, received: server.received, broken: server.broken() };
}

/** Thinks for ever, unless it is asked not to. */
const ponders =
  (begin: string): Script =>
  (response, received) => {
    if (received.body.chat_template_kwargs?.enable_thinking === false) return says("At once.")(response, received);
    openStream(response);
    response.write(begin);
  };

describe("thoughts", () => {
  it.each(["reasoning", "reasoning_content"])("in the field %s are never spoken", async (field) => {
    const { said, received } = await ask((response) => {
      openStream(response);
      response.end(`${thought(field, "The person wants to know why. ")}${chunk("Because. ")}${done}`);
    }, 1_000);
    expect(said).toBe("Because.");
    expect(received).toHaveLength(1);
  });

  it("in the text are never spoken", async () => {
    const { said } = await ask(says("<th", "ink>Let me see. It is so.</thi", "nk>\n\nBecause it is."));
    expect(said).toBe("Because it is.");
  });

  it.each([
    ["in a field of their own", thought("reasoning_content", "Hm. ")],
    ["in the text", chunk("<think>Hm. ")],
  ])("%s are cut off when the budget is over, and the answer comes without them", async (_where, begin) => {
    const { said, received, broken } = await ask(ponders(begin), 30);
    expect(said).toBe("At once.");
    expect(received.map(({ body }) => body.chat_template_kwargs)).toEqual([undefined, { enable_thinking: false, thinking: false }]);
    expect(broken).toBe(1);
  });

  it("end in a failure when the model cannot stop", async () => {
    const { error } = await ask((response) => {
      openStream(response);
      response.write(thought("reasoning", "Hm. "));
    }, 30);
    expect(error).toMatchObject({ reason: "BACKEND_FAILED", message: expect.stringContaining("thinking") });
  });

  it("do not count after the first words", async () => {
    const { said, received } = await ask((response) => {
      openStream(response);
      response.end(`${chunk("It is so. ")}${thought("reasoning", "Really? ")}${chunk("Really.")}${done}`);
    }, 1);
    expect(said).toBe("It is so. Really.");
    expect(received).toHaveLength(1);
  });

  it("are told from the text however it is cut", () => {
    const whole = " <thinking>a < b</thinking>Say <think> this.";
    const split = (cuts: readonly string[]) => {
      const splitter = createThoughtSplitter();
      return [...cuts.flatMap((cut) => splitter.push(cut)), ...splitter.flush()]
        .filter(({ kind }) => kind === "text")
        .map(({ text }) => text)
        .join("");
    };
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 6 }), (places) => {
        const sorted = [0, ...places.toSorted((left, right) => left - right), whole.length];
        const cuts = sorted.slice(1).map((to, index) => whole.slice(sorted[index], to));
        expect(split(cuts)).toBe("Say <think> this.");
      }),
    );
  });
});
