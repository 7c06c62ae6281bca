import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createResampler, floatToPcm16, pcm16ToBytes, readWav } from "@troupe/audio";
import { Pacing } from "@troupe/contracts";
import { createLogger } from "@troupe/service";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { Caller } from "./testing/caller.ts";
import { Speaker } from "./testing/speaker.ts";

/** Budget: 90 s; a person and an avatar speak in real time. */
const run = promisify(execFile);
const rateHz = 16_000;
const questions = { en: "What are the opening hours on Sunday?", zh: "星期天几点开门？" } as const;
let embedded: Embedded;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-back-channels-"));
  embedded = await startEmbedded({ env: process.env, logger: createLogger("test", "error") });
});
afterAll(async () => {
  await embedded[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Words as eSpeak NG says them. */
async function spoken(words: string, voice: string): Promise<Float32Array> {
  const path = join(folder, "words.wav");
  await run("espeak-ng", ["-v", voice, "-w", path, words]);
  const wav = readWav(await readFile(path));
  using resampler = await createResampler({ fromHz: wav.sampleRateHz, toHz: rateHz });
  return Float32Array.from([...resampler.push(wav.samples), ...resampler.flush()]);
}

/** Says something a second after an answer has begun. */
async function sayInto(words: string, voice: string) {
  const language = voice === "cmn" ? "zh" : "en";
  const caller = new Caller(embedded.converse, {
    tenant: "demo",
    language,
    sampleRateHz: rateHz,
    presentation: { width: 0, height: 0, pacing: Pacing.LIVE },
  });
  const speaker = new Speaker((samples) => caller.send({ case: "audio", value: { pcm16: pcm16ToBytes(floatToPcm16(samples)) } }));
  onTestFinished(async () => {
    speaker.close();
    await caller[Symbol.asyncDispose]();
  });
  const sound = await spoken(words, voice);
  caller.send({ case: "text", value: { text: questions[language], language } });
  const begun = await caller.next("responseStarted", 0);
  speaker.say(Float32Array.from([...new Float32Array(rateHz), ...sound]));
  const { response } = begun.value;
  const done = await caller.next("responseDone", begun.index, (value) => value.response === response);
  const events = caller.events.slice(begun.index);
  const holds = events.filter(({ event }) => event.case === "responseHeld");
  const heldMs = holds.flatMap(({ event, atMs }, index) =>
    event.case === "responseHeld" && event.value.held ? [Math.round((holds[index + 1]?.atMs ?? done.atMs) - atMs)] : [],
  );
  const interims = events.flatMap(({ event }) => (event.case === "utteranceTranscribed" ? [event.value.transcript?.text] : []));
  return { complete: done.value.complete, text: done.value.heardText, heldMs, interims, seconds: sound.length / rateHz };
}

const backChannels = [
  ["hmm", "en"],
  ["yeah", "en"],
  ["I see", "en"],
  ["right, right", "en-us"],
  ["嗯", "cmn"],
] as const;

describe("what listeners say to show that they follow", () => {
  it("does not end an answer", async () => {
    const kept: boolean[] = [];
    for (const [words, voice] of backChannels) {
      const outcome = await sayInto(words, voice);
      if (process.env.TROUPE_SHOW_BACK_CHANNELS) process.stderr.write(`${words}: ${JSON.stringify(outcome)}\n`);
      kept.push(outcome.complete);
    }
    expect(kept.filter((complete) => complete).length / kept.length).toBeGreaterThanOrEqual(0.8);
  });

  it("is told from words that are meant", async () => {
    expect((await sayInto("Wait, what about students?", "en-us")).complete).toBe(false);
  });
});
