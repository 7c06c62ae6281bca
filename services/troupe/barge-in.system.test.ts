import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { floatToPcm16, pcm16ToBytes, readWav } from "@troupe/audio";
import { Pacing } from "@troupe/contracts";
import { isServiceError } from "@troupe/errors";
import { createLogger } from "@troupe/service";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { root } from "./places.ts";
import { Caller } from "./testing/caller.ts";
import { Speaker } from "./testing/speaker.ts";

/** Budget: 60 s; a person and an avatar speak in real time. */
let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded({ env: process.env, logger: createLogger("test", "error") });
});
afterAll(() => embedded[Symbol.asyncDispose]());

async function wav(name: string): Promise<Float32Array> {
  return readWav(await readFile(join(root, "models/questions", `${name}.wav`))).samples;
}

async function call(): Promise<{ readonly caller: Caller; readonly speaker: Speaker }> {
  const caller = new Caller(embedded.converse, {
    tenant: "demo",
    language: "en",
    sampleRateHz: 16_000,
    presentation: { width: 128, height: 128, pacing: Pacing.LIVE },
  });
  const speaker = new Speaker((samples) => caller.send({ case: "audio", value: { pcm16: pcm16ToBytes(floatToPcm16(samples)) } }));
  onTestFinished(async () => {
    speaker.close();
    await caller[Symbol.asyncDispose]();
  });
  await caller.next("started", 0);
  return { caller, speaker };
}

describe("a person who speaks into an answer", () => {
  it("is listened to: the answer stops, and the new question is answered", async () => {
    const { caller, speaker } = await call();
    speaker.say(await wav("hours"));
    const begun = await caller.next("responseStarted", 0);
    speaker.say(await wav("children"));
    const stopped = await caller.next("responseDone", begun.index, (done) => done.response === begun.value.response);
    expect(stopped.value.complete).toBe(false);
    // Heard is what was presented, in whole words, and no more.
    expect(stopped.value.heardText).not.toBe("");
    expect("On Sundays the museum is open from 10 in the morning to 5 in the afternoon.".startsWith(stopped.value.heardText)).toBe(true);
    const created = await caller.next("responseCreated", begun.index);
    const second = await caller.answer(created.value.response, begun.index);
    expect(second.text).toContain("5 euros");
    expect(second.done.complete).toBe(true);
  });

  it("lets it go on after a short sound that is no utterance", async () => {
    const { caller, speaker } = await call();
    speaker.say(await wav("hours"));
    const begun = await caller.next("responseStarted", 0);
    // A fifth of a second of a voice, as in "mm".
    speaker.say((await wav("children")).subarray(8000, 11_200));
    const done = await caller.next("responseDone", begun.index, (value) => value.response === begun.value.response);
    expect(done.value.complete).toBe(true);
    expect(caller.events.slice(begun.index).filter(({ event }) => event.case === "responseCreated")).toEqual([]);
  });

  it("is one question in two breaths while the answer has not begun", async () => {
    const { caller, speaker } = await call();
    speaker.say(await wav("children"));
    await caller.next("utteranceEnded", 0);
    speaker.say(await wav("students"));
    const answer = await caller.next("responseDone", 0, (value) => value.complete);
    const text = caller.events.flatMap(({ event }) =>
      event.case === "responseText" && event.value.response === answer.value.response ? [event.value.clause?.text] : [],
    );
    expect(text.join(" ")).toMatch(/euros/);
  });
});

describe("a caller who is cut off", () => {
  it("leaves no session and no seat behind", async () => {
    const { caller } = await call();
    caller.send({ case: "text", value: { text: "Where is the museum?", language: "en" } });
    await caller.next("responseStarted", 0);
    expect(isServiceError(await caller.cut(), "CANCELLED")).toBe(true);
    expect(embedded.gateway.sessions).toBe(0);
    const metrics = await embedded.registry.metrics();
    const seats = [...metrics.matchAll(/troupe_stage_sessions\{stage="[a-z]+"\} (\d+)/g)].map(([, sessions]) => sessions);
    expect(seats).toEqual(["0", "0", "0", "0", "0"]);
  });
});
