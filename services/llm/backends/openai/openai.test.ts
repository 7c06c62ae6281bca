import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DialogueBackend } from "../backend.ts";
import { describeDialogueBackend } from "../conformance.ts";
import { createOpenAiBackend, type OpenAiOptions } from "./openai.ts";
import { chunk, openStream, type Script, type ScriptedServer, says, startScriptedServer } from "./scripted-server.ts";
import { createEventStreamReader } from "./server-sent-events.ts";

const request = {
  tenant: "demo",
  messages: [{ role: "user" as const, text: "When are you open?" }],
  language: "en",
  persona: "You are Mara.",
};
const ask = (backend: DialogueBackend, signal?: AbortSignal, budgetMs = 5_000) =>
  Array.fromAsync(backend.reply(request, { deadlineMs: performance.now() + budgetMs, signal }));

function backendOf(servers: readonly ScriptedServer[], options: Partial<OpenAiOptions> = {}): DialogueBackend {
  return createOpenAiBackend({
    endpoints: servers.map(({ baseUrl }, index) => ({ baseUrl, model: `model-${index}`, apiKey: `key-${index}` })),
    firstTokenTimeoutMs: 2_000,
    idleTimeoutMs: 2_000,
    maxTokens: 200,
    ...options,
  });
}

/** Echoes the persona and the question, so that a mix-up shows. */
const echo: Script = (response, { body }) =>
  says(`${body.messages[0].content} `, "So you ask: ", body.messages.at(-1).content)(response, { body } as never);

describeDialogueBackend(
  "openai",
  async () => {
    const server = await startScriptedServer(echo);
    const backend = backendOf([server]);
    return { ...backend, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  },
  { tenants: ["demo", "other"], question: "When are you open on Sundays? And how much is it?" },
);

describe("openai backend", () => {
  it("yields clauses while the model still speaks", async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using server = await startScriptedServer(async (response) => {
      openStream(response);
      response.write(chunk("We open at ten. Wel"));
      await released;
      response.end(`${chunk("come!")}data: [DONE]\n\n`);
    });
    const reply = backendOf([server])
      .reply(request, { deadlineMs: performance.now() + 5_000 })
      [Symbol.asyncIterator]();
    expect((await reply.next()).value).toMatchObject({ text: "We open at ten." });
    release();
    expect((await reply.next()).value).toMatchObject({ text: "Welcome!" });
    expect((await reply.next()).done).toBe(true);
  });

  it("sends persona, history, limits and key", async () => {
    await using server = await startScriptedServer(says("Fine."));
    await ask(backendOf([server]));
    expect(server.received[0]).toMatchObject({ path: "/v1/chat/completions", authorization: "Bearer key-0" });
    expect(server.received[0]?.body).toMatchObject({
      model: "model-0",
      stream: true,
      max_tokens: 200,
      messages: [{ role: "system" }, { role: "user", content: "When are you open?" }],
    });
    expect(server.received[0]?.body.messages[0].content).toContain("You are Mara.");
  });

  it("gives sources to the model and turns its marks into citations", async () => {
    await using server = await startScriptedServer(says("We open at ten [", "2]. Come in [1, 9]! Bye."));
    const retrieve = async () => [
      { document: "a", title: "A", text: "Come in." },
      { document: "b", title: "B", text: "Open at ten." },
    ];
    const clauses = await ask(backendOf([server], { retrieve }));
    expect(server.received[0]?.body.messages[0].content).toContain("[2] B: Open at ten.");
    expect(clauses.map(({ text }) => text)).toEqual(["We open at ten.", "Come in!", "Bye."]);
    expect(new Set(clauses.flatMap(({ citations }) => citations.map(({ document }) => document)))).toEqual(new Set(["a", "b"]));
  });

  it("goes to the next endpoint on 429, 500, silence, malformed events and a refused connection", async () => {
    const failing: Script[] = [
      (response) => response.writeHead(429, { "retry-after": "3" }).end('{"error":{"message":"too many"}}') as never,
      (response) => response.writeHead(500).end("<html>oops</html>") as never,
      () => undefined,
      (response) => openStream(response),
      (response) => {
        openStream(response);
        response.end("data: {not json\n\n");
      },
      (response) => {
        openStream(response);
        response.end('data: {"error":{"message":"out of memory"}}\n\n');
      },
      (response) => {
        openStream(response);
        response.end();
      },
      says(),
      (response) => response.destroy() as never,
    ];
    for (const script of failing) {
      await using first = await startScriptedServer(script);
      await using second = await startScriptedServer(says("Here I am."));
      const clauses = await ask(backendOf([first, second], { firstTokenTimeoutMs: 150 }));
      expect(clauses.map(({ text }) => text)).toEqual(["Here I am."]);
      expect(second.received[0]?.body.model).toBe("model-1");
    }
  });

  it("reports all failures, the first one's message and when to try again", async () => {
    await using limited = await startScriptedServer(
      (response) => response.writeHead(429, { "retry-after": "3" }).end('{"error":{"message":"too many"}}') as never,
    );
    await using broken = await startScriptedServer((response) => response.writeHead(500).end() as never);
    await expect(ask(backendOf([limited, broken]))).rejects.toMatchObject({
      reason: "BACKEND_FAILED",
      retryAfterMs: 3_000,
      message: expect.stringContaining("too many"),
    });
    await expect(ask(backendOf([limited]))).rejects.toMatchObject({ reason: "BACKEND_FAILED", metadata: { status: "429" } });
  });

  it("never changes the endpoint after the first token", async () => {
    const cuts: Script[] = [
      (response) => {
        openStream(response);
        response.write(chunk("We open at ten. And"), () => response.destroy());
      },
      (response) => {
        openStream(response);
        response.write(chunk("We open at ten. And"));
      },
      (response) => {
        openStream(response);
        response.end(chunk("We open at ten. And"));
      },
    ];
    for (const script of cuts) {
      await using first = await startScriptedServer(script);
      await using second = await startScriptedServer(says("Here I am."));
      const heard: string[] = [];
      const reply = Array.fromAsync(
        backendOf([first, second], { idleTimeoutMs: 150 }).reply(request, { deadlineMs: performance.now() + 5_000 }),
        ({ text }) => heard.push(text),
      );
      await expect(reply).rejects.toMatchObject({ reason: "BACKEND_FAILED" });
      expect(heard).toEqual(["We open at ten."]);
      expect(second.received).toHaveLength(0);
    }
  });

  it("closes the connection when the caller aborts or walks away", async () => {
    const endless: Script = async (response) => {
      openStream(response);
      for (let count = 0; !response.destroyed && count < 500; count++) {
        response.write(chunk("Word. "));
        await delay(5);
      }
    };
    await using server = await startScriptedServer(endless);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    await expect(ask(backendOf([server]), abort.signal)).rejects.toMatchObject({ reason: "CANCELLED" });
    for await (const clause of backendOf([server]).reply(request, { deadlineMs: performance.now() + 5_000 })) {
      expect(clause.text).toBe("Word.");
      break;
    }
    await expect.poll(() => server.broken()).toBe(2);
  });

  it("keeps the deadline while it waits, also through fail-over", async () => {
    await using silent = await startScriptedServer(() => undefined);
    await expect(ask(backendOf([silent, silent]), undefined, 150)).rejects.toMatchObject({ reason: "DEADLINE" });
  });

  it("refuses to be made without endpoints", () => {
    expect(() => backendOf([])).toThrow(expect.objectContaining({ reason: "INVALID_CONFIG" }));
  });
});

describe("event stream reader", () => {
  it("gives the same events however the bytes are cut, through UTF-8 and line ends too", () => {
    const stream = Buffer.from(': hello\r\ndata: {"a":"ü🙂"}\r\n\r\nevent: x\ndata:one\ndata: two\n\nid: 3\n\ndata\n\r\ndata: [DONE]\r\r');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (sizes) => {
        const reader = createEventStreamReader();
        const events: string[] = [];
        for (let at = 0, index = 0; at < stream.length; index++) {
          const end = at + (sizes[index % sizes.length] as number);
          events.push(...reader.push(stream.subarray(at, end)));
          at = end;
        }
        events.push(...reader.push(Buffer.from("\n")));
        expect(events).toEqual(['{"a":"ü🙂"}', "one\ntwo", "", "[DONE]"]);
      }),
    );
  });

  it("refuses an endless event", () => {
    const reader = createEventStreamReader();
    const block = Buffer.from(`data: ${"x".repeat(300_000)}\n`);
    expect(() => [1, 2, 3, 4].map(() => reader.push(block))).toThrow(RangeError);
  });
});
