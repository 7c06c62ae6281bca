import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { floatToPcm16, pcm16ToBytes, readWav } from "@troupe/audio";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { root } from "./places.ts";
import { Caller } from "./testing/caller.ts";
import { Speaker } from "./testing/speaker.ts";
import { startTestPlatform, type TestPlatform } from "./testing/test-platform.ts";

/** Budget: 90 s; one replica of each stage with the smallest backends, killed amid answers and away for seconds of real time. */
let platform: TestPlatform;
beforeAll(async () => {
  const stubs = Object.fromEntries(["ASR", "LLM", "TTS", "FACE"].map((stage) => [`TROUPE_${stage}_BACKEND`, "stub"]));
  platform = await startTestPlatform({ env: { ...stubs, TROUPE_IDLE_SECONDS: "0" } });
});
afterAll(() => platform?.[Symbol.asyncDispose]());

const question = "Where is the museum, and when does it open?";
const bridge = "One moment, please.";

function call(): Caller {
  const caller = new Caller(platform.gatewayAddress, { tenant: "demo", language: "en", presentation: { width: 0, height: 0 } });
  onTestFinished(() => caller[Symbol.asyncDispose]());
  return caller;
}

const away = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks, and kills the stage once the answer sounds. @returns where in the events the client was told */
async function loseAmidAnswer(caller: Caller, stage: string): Promise<{ readonly from: number; readonly lost: number }> {
  const from = caller.events.length;
  caller.send({ case: "text", value: { text: question, language: "en" } });
  const begun = await caller.next("responseStarted", from);
  await platform.kill(`${stage}-1`);
  const told = await caller.next("error", begun.index, (error) => error.stage === stage && error.reason === "STAGE_LOST");
  return { from: told.index, lost: begun.value.response };
}

async function nextSaid(caller: Caller, from: number, after: number) {
  const created = await caller.next("responseCreated", from, (value) => value.response > after);
  return await caller.answer(created.value.response, from);
}

describe("a stage that is away for seconds", () => {
  it.each(["llm", "tts", "compositor"])("costs no turn: %s", async (stage) => {
    const caller = call();
    await caller.next("started", 0);
    const whole = await caller.ask(question);
    // An answer that is all written does not need the llm any more.
    if (stage === "llm") return await loseBeforeAnswer(caller, whole.text);
    const { from, lost } = await loseAmidAnswer(caller, stage);
    await away(3000);
    await platform.restart(`${stage}-1`);
    const patience = await nextSaid(caller, from, lost);
    expect(patience).toMatchObject({ text: bridge, done: { complete: true } });
    const again = await nextSaid(caller, from, patience.response);
    expect(again).toMatchObject({ text: whole.text, done: { complete: true } });
  });

  /** Asked while the stage is away: answered as soon as it is back. */
  async function loseBeforeAnswer(caller: Caller, answer: string): Promise<void> {
    const from = caller.events.length;
    await platform.kill("llm-1");
    caller.send({ case: "text", value: { text: question, language: "en" } });
    const lost = await caller.next("responseCreated", from);
    await caller.next("error", from, (error) => error.stage === "llm");
    await away(3000);
    await platform.restart("llm-1");
    const patience = await nextSaid(caller, from, lost.value.response);
    expect(patience).toMatchObject({ text: bridge, done: { complete: true } });
    expect(await nextSaid(caller, from, patience.response)).toMatchObject({ text: answer, done: { complete: true } });
  }

  it("answers what is asked meanwhile as soon as the stage is back, however long that takes", async () => {
    const caller = call();
    await caller.next("started", 0);
    const { from, lost } = await loseAmidAnswer(caller, "tts");
    caller.send({ case: "text", value: { text: question, language: "en" } });
    await caller.next("responseCreated", from, (value) => value.response > lost);
    await away(11_000);
    await platform.restart("tts-1");
    await caller.next("moved", from, ({ stage }) => stage === "tts");
    const done = await caller.next("responseDone", from, ({ complete, heardText }) => complete && heardText !== bridge);
    expect(done.value.heardText.length).toBeGreaterThan(10);
  });

  it("and too long, is excused when it is back", async () => {
    const caller = call();
    await caller.next("started", 0);
    const { from } = await loseAmidAnswer(caller, "compositor");
    await away(16_000);
    await platform.restart("compositor-1");
    const said = await caller.next("responseDone", from, ({ complete }) => complete);
    expect(said.value.heardText).toMatch(/^Sorry, I lost my thread/);
  });

  it("and took what the person was saying with it, asks them to say it again", async () => {
    const caller = call();
    const speaker = new Speaker((samples) => caller.send({ case: "audio", value: { pcm16: pcm16ToBytes(floatToPcm16(samples)) } }));
    onTestFinished(() => speaker.close());
    await caller.next("started", 0);
    const { samples } = readWav(await readFile(join(root, "models/questions/hours.wav")));
    speaker.say(samples);
    const begun = await caller.next("utteranceStarted", 0);
    await platform.kill("asr-1");
    const told = await caller.next("error", begun.index, (error) => error.stage === "asr" && error.reason === "STAGE_LOST");
    expect((await nextSaid(caller, told.index, 0)).text).toBe("Sorry, I didn't catch that. Could you say it again?");
    await platform.restart("asr-1");
    await caller.next("moved", told.index, ({ stage }) => stage === "asr");
    const again = caller.events.length;
    speaker.say(samples);
    const answered = await caller.next("responseCreated", again, ({ utterance }) => utterance > 0);
    expect((await caller.answer(answered.value.response, again)).done.complete).toBe(true);
  });
});
