import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { readWav } from "@troupe/audio";
import { createEchoCanceller } from "@troupe/audio/echo";
import { roomEcho } from "@troupe/audio/echo/testing";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEndpointer } from "./endpointer.ts";
import { createVad, type Vad } from "./vad.ts";

const modelsDir = fileURLToPath(new URL("../../models", import.meta.url));
const rateHz = 16_000;
const voice = (name: string) => readWav(readFileSync(`${modelsDir}/questions/${name}.wav`)).samples;
const avatar = Float32Array.from([...new Float32Array(rateHz / 2), ...voice("bicycle"), ...voice("hours")]);
const person = voice("children");
const personAt = 4.5 * rateHz;

describe("the avatar's own voice in the microphone", () => {
  let vad: Vad;
  beforeAll(async () => {
    const store = createModelStore({ manifestDir: modelsDir, cacheDir: defaultCacheDir(process.env, homedir()) });
    vad = await createVad({ model: await store.resolve("silero-vad"), patienceMs: 10_000 });
  });
  afterAll(() => vad[Symbol.asyncDispose]());

  async function onsetsMs(sound: Float32Array): Promise<readonly number[]> {
    const endpointer = createEndpointer();
    const events = (await vad.open().push(sound)).flatMap((window) => endpointer.push(window));
    return events.flatMap((event) => (event.kind === "onset" ? [event.ptsUs / 1000] : []));
  }

  const echo = (delayMs: number) => roomEcho(avatar, { rateHz, delayMs, fadeSeconds: 0.2, level: 10 ** (-10 / 20) });
  const cancelled = (mic: Float32Array) => createEchoCanceller({ sampleRateHz: rateHz, tailMs: 512 }).push(mic, avatar);

  it("is no onset once it is taken out, though it was one", async () => {
    for (const delayMs of [50, 300]) {
      expect(await onsetsMs(echo(delayMs))).not.toEqual([]);
      expect(await onsetsMs(cancelled(echo(delayMs)))).toEqual([]);
    }
  });

  it("does not hide who speaks into it", async () => {
    const [alone = 0] = await onsetsMs(Float32Array.from([...new Float32Array(personAt), ...person]));
    const mic = echo(150).map((sample, index) => sample + (person[index - personAt] ?? 0));
    const [onset = Number.POSITIVE_INFINITY] = await onsetsMs(cancelled(mic));
    expect(onset - alone).toBeGreaterThan(-200);
    expect(onset - alone).toBeLessThan(300);
  });
});
