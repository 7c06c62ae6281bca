import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEndpointer } from "./endpointer.ts";
import type { SpeechWindow } from "./speech-window.ts";
import { createVad, type Vad, type VadStream } from "./vad.ts";

const modelsDir = new URL("../../models/", import.meta.url);
const HEADER_BYTES = 44;

/** A shipped question with a second of silence before and after it. */
function recording(): Float32Array {
  const file = readFileSync(new URL("questions/hours.wav", modelsDir));
  const samples = new Float32Array((file.length - HEADER_BYTES) / 2 + 32_000);
  for (let index = 0; HEADER_BYTES + index * 2 < file.length; index++) {
    samples[16_000 + index] = file.readInt16LE(HEADER_BYTES + index * 2) / 32_768;
  }
  return samples;
}

function noise(length: number, amplitude: number): Float32Array {
  let seed = 1;
  return Float32Array.from({ length }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return amplitude * ((2 * seed) / 2_147_483_647 - 1);
  });
}

async function pushInChunks(stream: VadStream, samples: Float32Array, sizes: readonly number[]): Promise<readonly SpeechWindow[]> {
  const pushes: Promise<readonly SpeechWindow[]>[] = [];
  for (let start = 0, turn = 0; start < samples.length; turn++) {
    const end = start + (sizes[turn % sizes.length] as number);
    pushes.push(stream.push(samples.subarray(start, end)));
    start = end;
  }
  return (await Promise.all(pushes)).flat();
}

describe("vad", () => {
  const speech = recording();
  let vad: Vad;
  beforeAll(async () => {
    const store = createModelStore({ manifestDir: fileURLToPath(modelsDir), cacheDir: defaultCacheDir(process.env, homedir()) });
    vad = await createVad({ model: await store.resolve("silero-vad"), patienceMs: 10_000 });
  });
  afterAll(() => vad[Symbol.asyncDispose]());

  it("hears the speech and only the speech", async () => {
    const endpointer = createEndpointer();
    const windows = await vad.open().push(speech);
    const [onset, end, ...more] = windows.flatMap((window) => endpointer.push(window));
    expect(more).toEqual([]);
    expect(onset?.kind).toBe("onset");
    expect((onset?.ptsUs ?? 0) / 1000).toBeGreaterThan(900);
    expect((onset?.ptsUs ?? 0) / 1000).toBeLessThan(1500);
    expect(end?.kind).toBe("end");
    expect((end?.ptsUs ?? 0) / 1000).toBeGreaterThan(speech.length / 16 - 1300);
    expect((end?.ptsUs ?? 0) / 1000).toBeLessThan(speech.length / 16 - 700);
  });

  it("takes neither silence nor noise for speech", async () => {
    for (const sound of [new Float32Array(32_000), noise(32_000, 0.05)]) {
      const windows = await vad.open().push(sound);
      expect(windows).toHaveLength(62);
      expect(Math.max(...windows.map((window) => window.probability))).toBeLessThan(0.5);
    }
  });

  it("gives the same windows for any chunking, also of pushes that overlap in time", async () => {
    const sound = speech.subarray(16_000, 28_000);
    const whole = await vad.open().push(sound);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        expect(await pushInChunks(vad.open(), sound, sizes)).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it("counts the time from the start it was given", async () => {
    const windows = await vad.open({ startUs: 5_000_000 }).push(new Float32Array(1200));
    expect(windows.map(({ ptsUs, durationUs }) => [ptsUs, durationUs])).toEqual([
      [5_000_000, 32_000],
      [5_032_000, 32_000],
    ]);
  });

  it("refuses to go on after it is closed", async () => {
    const stream = vad.open();
    await stream.push(new Float32Array(600));
    stream.close();
    await expect(stream.push(new Float32Array(600))).rejects.toMatchObject({ reason: "CANCELLED" });
  });
});
