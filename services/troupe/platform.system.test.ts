import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ConversationService, Pacing } from "@troupe/contracts";
import { createClient } from "@troupe/rpc";
import { createLogger, toolPath } from "@troupe/service";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ask } from "./ask/ask.ts";
import { readQuestion } from "./ask/question.ts";
import { startEmbedded } from "./embedded.ts";
import { root } from "./places.ts";
import { Caller } from "./testing/caller.ts";
import { type OtlpReceiver, startOtlpReceiver } from "./testing/otlp-receiver.ts";
import { startTestPlatform, type TestPlatform } from "./testing/test-platform.ts";

/** Budget: 120 s; eight processes with real models, presented unpaced where time is not the point. */
const run = promisify(execFile);
const small = { width: 128, height: 128, pacing: Pacing.UNPACED };
const options = {
  tenant: "demo",
  avatar: "mara",
  language: "en",
  asap: true,
  width: 128,
  height: 128,
  framesPerSecond: 25,
  captions: false,
};

let receiver: OtlpReceiver;
let platform: TestPlatform;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  platform = await startTestPlatform({ replicas: { tts: 2, llm: 2 }, env: { TROUPE_OTLP_URL: receiver.url } });
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function call(): Caller {
  const caller = new Caller(platform.gatewayAddress, { tenant: "demo", language: "en", presentation: small });
  onTestFinished(() => caller[Symbol.asyncDispose]());
  return caller;
}

describe("a platform of processes over NATS", () => {
  it("hears and answers as the embedded process does", async () => {
    const questions = await Promise.all(
      ["hours", "children", "students"].map((name) => readQuestion(join(root, "models/questions", `${name}.wav`))),
    );
    await using embedded = await startEmbedded({ env: process.env, logger: createLogger("test", "error") });
    const here = await ask(embedded.converse, questions, options);
    using client = createClient(ConversationService, platform.gatewayAddress);
    const there = await ask((requests, signal) => client.converse(requests, { signal }), questions, options);
    const said = (turns: typeof here.turns) =>
      turns.map(({ transcript, answer, citations, abstained }) => ({ transcript, answer, citations, abstained }));
    expect(said(there.turns)).toEqual(said(here.turns));
    expect(here.turns.map((turn) => turn.answer)).toEqual([
      expect.stringMatching(/Sunday.*10.*5/),
      expect.stringContaining("5 euros"),
      // The follow-up names no ticket; the conversation does.
      expect.stringContaining("8 euros"),
    ]);
  });

  it("says so when the knowledge base has no answer", async () => {
    const caller = call();
    const answer = await caller.ask("Who won the football match yesterday?");
    expect(answer.clauses.some((clause) => clause.abstained)).toBe(true);
    expect(answer.clauses.flatMap((clause) => clause.citations)).toEqual([]);
  });

  it("moves a conversation twenty times between replicas and loses or doubles nothing", async () => {
    const caller = call();
    await caller.next("started", 0);
    const answers: string[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const from = caller.events.length;
      caller.send({ case: "text", value: { text: "What are the opening hours of the museum on Sunday?", language: "en" } });
      // One stage moves while the response is being made, the other right behind it.
      caller.send({ case: "move", value: { stage: "tts" } });
      caller.send({ case: "move", value: { stage: "llm" } });
      const created = await caller.next("responseCreated", from);
      const answer = await caller.answer(created.value.response, from);
      expect(answer.done.complete).toBe(true);
      answers.push(answer.text);
      await caller.next("moved", from, (moved) => moved.stage === "llm");
    }
    expect(new Set(answers)).toEqual(new Set(["On Sundays the museum is open from 10 in the morning to 5 in the afternoon."]));
    const moves = caller.events.flatMap(({ event }) => (event.case === "moved" ? [event.value] : []));
    expect(moves).toHaveLength(20);
    expect(new Set(moves.map((move) => move.replica)).size).toBe(4);
    expect(errorsOf(caller, ["tts", "llm"])).toEqual([]);
  });

  it("knows the earlier turns after the llm replica was killed", async () => {
    const caller = call();
    await caller.ask("How much does a ticket cost for children?");
    const from = caller.events.length;
    const [bound] = (await sessionsOf("llm")).filter(([, sessions]) => sessions > 0);
    await platform.kill(bound?.[0] ?? "");
    await caller.next("moved", from, (moved) => moved.stage === "llm");
    expect((await caller.ask("And for students?")).text).toContain("8 euros");
    await platform.restart(bound?.[0] ?? "");
  });

  it("stays where it is when a stage cannot move, and says why", async () => {
    const caller = call();
    await caller.ask("How much does a ticket cost for children?");
    for (const stage of ["compositor", "face", "asr"]) {
      const from = caller.events.length;
      caller.send({ case: "move", value: { stage } });
      expect((await caller.next("error", from)).value).toMatchObject({ stage, reason: "NO_REPLICA" });
    }
    expect((await caller.ask("And for students?")).text).toContain("8 euros");
  });

  it("drains a replica: its session moves, the process ends by itself, the conversation goes on", async () => {
    const caller = call();
    await caller.ask("How much does a ticket cost for children?");
    const [bound] = (await sessionsOf("tts")).filter(([, sessions]) => sessions > 0);
    const from = caller.events.length;
    expect(await platform.drain(bound?.[0] ?? "")).toBe(0);
    const moved = await caller.next("moved", from, (move) => move.stage === "tts");
    expect(moved.value.replica).not.toBe(bound?.[0]);
    expect((await caller.ask("And for students?")).text).toContain("8 euros");
    expect(errorsOf(caller, ["tts"])).toEqual([]);
    await platform.restart(bound?.[0] ?? "");
  });

  it("goes on after nats-server was restarted", async () => {
    const caller = call();
    expect((await caller.ask("How much does a ticket cost for children?")).text).toContain("5 euros");
    await platform.restartNats();
    expect((await caller.ask("And for students?")).text).toContain("8 euros");
    expect(await caller.finish()).toBeUndefined();
  });

  it("keeps a response of two sessions apart and frees every seat", async () => {
    const callers = [call(), call(), call()];
    const questions = [
      "How much does a ticket cost for children?",
      "What are the opening hours of the museum on Sunday?",
      "Where can I leave my bicycle?",
    ];
    const answers = await Promise.all(callers.map((caller, index) => caller.ask(questions[index] as string)));
    expect(answers.map((answer) => answer.text)).toEqual([
      expect.stringContaining("5 euros"),
      expect.stringContaining("Sunday"),
      expect.stringMatching(/bicycle|bike/i),
    ]);
    await Promise.all(callers.map((caller) => caller.finish()));
    for (const stage of ["asr", "llm", "tts", "face", "compositor"]) {
      const open = (await sessionsOf(stage)).reduce((sum, [, sessions]) => sum + sessions, 0);
      expect({ stage, open }).toEqual({ stage, open: 0 });
    }
  });

  it("lists and answers every service by reflection", async () => {
    const grpcurl = async (port: number, ...args: string[]) =>
      (await run(toolPath("grpcurl"), ["-plaintext", `127.0.0.1:${port}`, ...args])).stdout;
    const expected = {
      gateway: "conversation.v1.ConversationService",
      asr: "speech.v1.RecognitionService",
      llm: "dialogue.v1.DialogueService",
      tts: "speech.v1.SynthesisService",
      face: "face.v1.AnimationService",
      compositor: "presentation.v1.PresentationService",
    };
    for (const [service, name] of Object.entries(expected)) {
      const { grpc } = platform.process(`${service}-1`).ports;
      expect(await grpcurl(grpc, "list")).toContain(`troupe.${name}`);
      expect(await grpcurl(grpc, "describe", `troupe.${name}`)).toContain("rpc ");
      const health = await run(toolPath("grpcurl"), [
        "-plaintext",
        "-d",
        JSON.stringify({ service: `troupe.${name}` }),
        `127.0.0.1:${grpc}`,
        "grpc.health.v1.Health/Check",
      ]);
      expect(JSON.parse(health.stdout)).toEqual({ status: "SERVING" });
      // A call without `open` or `start` is refused by its own error, so the method is really there.
      const method = (await grpcurl(grpc, "list", `troupe.${name}`)).trim();
      const refusal = await run(toolPath("grpcurl"), ["-plaintext", "-d", "{}", `127.0.0.1:${grpc}`, method]).catch(
        (error: { stderr: string }) => error.stderr,
      );
      expect(refusal).toContain("the first message must be");
    }
  });

  it("has metrics that promtool accepts", async () => {
    for (const name of ["gateway-1", "asr-1", "llm-1", "tts-1", "face-1", "compositor-1"]) {
      const text = await (await fetch(`http://127.0.0.1:${platform.process(name).ports.metrics}/metrics`)).text();
      const check = run(toolPath("promtool"), ["check", "metrics"]);
      check.child.stdin?.end(text);
      const { stderr } = await check;
      expect(stderr).toBe("");
      expect(text).toContain("troupe_");
    }
  });

  it("leaves one trace of a spoken turn: one root, every service, every parent there", async () => {
    using client = createClient(ConversationService, platform.gatewayAddress);
    const question = await readQuestion(join(root, "models/questions/hours.wav"));
    const before = new Set(receiver.spans.map((span) => span.traceId));
    await ask((requests, signal) => client.converse(requests, { signal }), [question], options);
    const services = ["gateway", "asr", "llm", "tts", "face", "compositor"].map((name) => `troupe-${name}`);
    const fresh = () => receiver.spans.filter((span) => !before.has(span.traceId));
    await receiver.until(() => new Set(fresh().map((span) => span.service)).size >= services.length);
    const spans = fresh();
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
    expect(new Set(spans.map((span) => span.service))).toEqual(new Set(services));
    const ids = new Set(spans.map((span) => span.spanId));
    const roots = spans.filter((span) => !span.parentSpanId);
    expect(roots.map((span) => span.service)).toEqual(["troupe-gateway"]);
    expect(spans.filter((span) => span.parentSpanId && !ids.has(span.parentSpanId))).toEqual([]);
  });
});

function errorsOf(caller: Caller, stages: readonly string[]) {
  return caller.events.flatMap(({ event }) => (event.case === "error" && stages.includes(event.value.stage) ? [event.value] : []));
}

async function sessionsOf(stage: string): Promise<readonly (readonly [string, number])[]> {
  const names = platform.platform.stages.map((service) => service.name).filter((name) => name.startsWith(`${stage}-`));
  return await Promise.all(
    names.map(async (name) => {
      const text = await (await fetch(`http://127.0.0.1:${platform.process(name).ports.metrics}/metrics`)).text();
      return [name, Number(/troupe_stage_sessions\{stage="[a-z]+"\} (\d+)/.exec(text)?.[1] ?? 0)] as const;
    }),
  );
}
