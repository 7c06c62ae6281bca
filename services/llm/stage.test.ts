import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ConversationSchema, Delivery, DialogueSettingsSchema, MessageSchema, PromptHeaderSchema, Role } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { EdgeBody, Packet } from "@troupe/stage";
import { type MemoryStage, openMemoryStage } from "@troupe/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import type { DialogueBackend, DialogueRequest } from "./backends/backend.ts";
import { createStubBackend } from "./backends/stub.ts";
import { llmStage } from "./stage.ts";

async function open(backend: DialogueBackend, fallbackLines: Record<string, string> = {}): Promise<MemoryStage> {
  const value = create(DialogueSettingsSchema, { persona: "a guide", fallbackLines });
  const stage = await openMemoryStage(llmStage(backend), { settings: { case: "dialogue", value } });
  onTestFinished(() => stage[Symbol.asyncDispose]());
  return stage;
}

type Task = MessageInitShape<typeof PromptHeaderSchema>["task"];

const asking = (...texts: readonly string[]): Task => ({
  case: "conversation",
  value: create(ConversationSchema, {
    messages: texts.map((text, index) => create(MessageSchema, { role: index % 2 === 0 ? Role.USER : Role.ASSISTANT, text })),
  }),
});

function prompt(stage: MemoryStage, task: Task, language = "en", remainingMs = 4000): Promise<readonly Packet<"reply">[]> {
  const number = stage.owner.nextResponse();
  const header = create(PromptHeaderSchema, { language, remainingMs, ...(task ? { task } : {}) });
  stage.send("prompt", number, { case: "header", value: header });
  stage.end("prompt", number);
  return stage.ended("reply", number);
}

const bodiesOf = (packets: readonly Packet<"reply">[]) => packets.map(({ body }) => body);
const textsOf = (packets: readonly Packet<"reply">[]) => packets.flatMap(({ body }) => (body.case === "clause" ? [body.value.text] : []));

/** The stub up to a number of clauses, then a failure. */
function failing(after: number, thrown: unknown = new ServiceError("BACKEND_FAILED", "gone")): DialogueBackend {
  const stub = createStubBackend();
  return {
    ...stub,
    async *reply(request, options) {
      let count = 0;
      for await (const clause of stub.reply(request, options)) {
        if (count++ === after) throw thrown;
        yield clause;
      }
      throw thrown;
    },
  };
}

describe("the llm stage", () => {
  it("sends the header first, then the clauses, then their number", async () => {
    const packets = await prompt(await open(createStubBackend()), asking("Good morning. How are you?"), "en-GB");
    const [header, ...rest] = bodiesOf(packets);
    expect(header).toMatchObject({ case: "header", value: { language: "en-GB" } });
    // What is left of the time for the first words, for the voice.
    expect(header?.case === "header" && header.value.remainingMs).toSatisfy((ms: number) => ms > 0 && ms <= 4000);
    expect(textsOf(packets).join(" ")).toBe("You said: Good morning. How are you?");
    for (const body of rest.slice(0, -1)) expect(body).toMatchObject({ case: "clause", value: { fallback: false, language: "en-GB" } });
    expect(rest.at(-1)).toMatchObject({ case: "end", value: { count: packets.length - 1 } });
    expect(packets.map(({ seq }) => seq)).toEqual(packets.keys().toArray());
  });

  it("hands on the conversation, the persona and the tenant as they are", async () => {
    const requests: DialogueRequest[] = [];
    const stub = createStubBackend();
    const backend: DialogueBackend = {
      ...stub,
      reply(request, options) {
        requests.push(request);
        return stub.reply(request, options);
      },
    };
    await prompt(await open(backend), asking("Hello.", "Good day.", "And now?"));
    expect(requests).toEqual([
      {
        tenant: "demo",
        language: "en",
        persona: "a guide",
        messages: [
          { role: "user", text: "Hello." },
          { role: "assistant", text: "Good day." },
          { role: "user", text: "And now?" },
        ],
      },
    ]);
  });

  it("passes a line through as it is, sentence by sentence, without asking the backend", async () => {
    const backend = failing(0);
    const packets = await prompt(await open(backend), { case: "verbatim", value: "Welcome to the museum. It is **open** today!" }, "de");
    expect(textsOf(packets)).toEqual(["Welcome to the museum.", "It is open today!"]);
    expect(bodiesOf(packets)[0]).toMatchObject({ case: "header", value: { language: "de" } });
    expect(bodiesOf(packets)[1]).toMatchObject({ value: { fallback: false } });
  });

  it("gives a header and nothing to say for a line that holds nothing", async () => {
    expect(bodiesOf(await prompt(await open(createStubBackend()), { case: "verbatim", value: " \n " }))).toMatchObject([
      { case: "header" },
      { case: "end", value: { count: 1 } },
    ]);
  });

  it.each([0, 1])("ends an answer that fails after %i clauses in a spoken line that is marked", async (after) => {
    const stage = await open(failing(after));
    const packets = await prompt(stage, asking("Good morning. How are you?"));
    const clauses = bodiesOf(packets).flatMap((body) => (body.case === "clause" ? [body.value] : []));
    expect(clauses.map((clause) => clause.fallback)).toEqual([...new Array(after).fill(false), true]);
    expect(clauses.at(-1)?.text).toMatch(/sorry/i);
    expect(bodiesOf(packets).at(-1)).toMatchObject({ case: "end", value: { count: packets.length - 1 } });
    expect(bodiesOf(packets).at(-1)).not.toHaveProperty("value.error");
    expect(stage.complaints).toMatchObject([{ reason: "BACKEND_FAILED" }]);
  });

  it.each([
    ["de-AT", "Tut mir leid."],
    ["fr", "Pardon."],
    ["constructor", "I'm sorry, something went wrong on my side. Could you ask me again?"],
    ["__proto__", "I'm sorry, something went wrong on my side. Could you ask me again?"],
  ])("speaks the session's own line for %s", async (language, line) => {
    expect(textsOf(await prompt(await open(failing(0), { de: "Tut mir leid.", fr: "Pardon." }), asking("Hm?"), language))).toEqual([line]);
  });

  it("speaks the line when the first words do not come in time, and stops the backend", async () => {
    const stopped = Promise.withResolvers<void>();
    const backend: DialogueBackend = {
      ...createStubBackend(),
      async *reply(_, { signal }) {
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      },
    };
    const hung: DialogueBackend = {
      ...backend,
      async *reply(request, options) {
        options.signal?.addEventListener("abort", () => stopped.resolve());
        yield* backend.reply(request, options);
      },
    };
    const packets = await prompt(await open(hung), asking("Hm?"), "en", 20);
    expect(textsOf(packets)).toEqual([expect.stringMatching(/sorry/i)]);
    await stopped.promise;
  });

  it("says in Chinese what failed in Chinese, gently", async () => {
    const packets = await prompt(await open(failing(0)), asking("几点开门？"), "zh-CN");
    expect(textsOf(packets)).toEqual([expect.stringMatching(/抱歉/)]);
    expect(bodiesOf(packets)[1]).toMatchObject({ value: { fallback: true, delivery: Delivery.GENTLE } });
  });

  it("hands on how long the model may think, and how each clause is said", async () => {
    const thinking: (number | undefined)[] = [];
    const stub = createStubBackend();
    const backend: DialogueBackend = {
      ...stub,
      async *reply(_, options) {
        thinking.push(options.thinkingMs);
        yield { text: "Welcome!", language: "en", citations: [], abstained: false, delivery: "excited" };
        yield { text: "So.", language: "en", citations: [], abstained: false };
      },
    };
    const value = create(DialogueSettingsSchema, { persona: "a guide", thinkingMs: 800 });
    const stage = await openMemoryStage(llmStage(backend), { settings: { case: "dialogue", value } });
    onTestFinished(() => stage[Symbol.asyncDispose]());
    const deliveries = bodiesOf(await prompt(stage, asking("Hi."))).flatMap((body) =>
      body.case === "clause" ? [body.value.delivery] : [],
    );
    expect(deliveries).toEqual([Delivery.EXCITED, Delivery.UNSPECIFIED]);
    expect(thinking).toEqual([800]);
    await prompt(await open(backend), asking("Hi."));
    expect(thinking[1]).toBeUndefined();
  });

  it("says nothing of what failed to the person", async () => {
    const packets = await prompt(await open(failing(0, new Error("password=hunter2"))), asking("Hm?"));
    expect(textsOf(packets).join(" ")).not.toMatch(/hunter2/);
  });

  it.each<[string, Task]>([
    ["no task", undefined],
    ["an empty conversation", asking()],
  ])("refuses a prompt with %s", async (_, task) => {
    expect(bodiesOf(await prompt(await open(createStubBackend()), task))).toMatchObject([
      { case: "end", value: { error: { reason: "INVALID_REQUEST", stage: "llm" } } },
    ]);
  });

  it("writes nothing more of a response that is cancelled, and goes on with the next", async () => {
    const turnstile = Promise.withResolvers<void>();
    const stub = createStubBackend();
    const backend: DialogueBackend = {
      ...stub,
      async *reply(request, options) {
        for await (const clause of stub.reply(request, options)) {
          yield clause;
          if (request.messages[0]?.text.startsWith("First")) await turnstile.promise;
        }
      },
    };
    const stage = await open(backend);
    const number = stage.owner.nextResponse();
    const messages = [create(MessageSchema, { role: Role.USER, text: "First. One. Two. Three." })];
    const first = { case: "conversation", value: create(ConversationSchema, { messages }) } as const;
    const header: EdgeBody<"prompt"> = {
      case: "header",
      value: create(PromptHeaderSchema, { language: "en", task: first }),
    };
    stage.send("prompt", number, header);
    stage.end("prompt", number);
    await prompt(stage, { case: "verbatim", value: "Meanwhile." });
    stage.owner.cancelOnly(number);
    const before = stage.written("reply", number).length;
    turnstile.resolve();
    await stage.binding.idle();
    expect(stage.written("reply", number)).toHaveLength(before);
    expect(stage.written("reply", number).some(({ body }) => body.case === "end")).toBe(false);
    expect(textsOf(await prompt(stage, { case: "verbatim", value: "Next." }))).toEqual(["Next."]);
  });
});
