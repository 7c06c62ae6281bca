import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { readWav } from "@troupe/audio";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { beforeAll, describe, expect, it } from "vitest";
import { createRecogniser, type RecogniseArgument, type Recogniser } from "./recogniser.ts";
import { defaultWhisperOptions } from "./whisper-options.ts";

const modelsDir = new URL("../../../../models/", import.meta.url);
const argument = (name: string, change: Partial<RecogniseArgument> = {}): RecogniseArgument => ({
  samples: readWav(readFileSync(new URL(`questions/${name}.wav`, modelsDir))).samples,
  interim: false,
  language: "en",
  hotWords: [],
  ...change,
});

describe("a batch", () => {
  let recogniser: Recogniser;
  beforeAll(async () => {
    const store = createModelStore({ manifestDir: fileURLToPath(modelsDir), cacheDir: defaultCacheDir(process.env, homedir()) });
    recogniser = await createRecogniser(defaultWhisperOptions({ model: await store.resolve("whisper-tiny-en") }));
  });

  it("gives every sound the text, words and certainty that it has alone, however long the others are", async () => {
    const silence = argument("hours", { samples: new Float32Array(16_000) });
    const batch = [
      argument("students"),
      argument("bicycle"),
      silence,
      argument("hours", { hotWords: ["museum"] }),
      argument("children", { interim: true }),
    ];
    const together = await recogniser.recognise(batch);
    expect(together.map(({ text }) => text === "")).toEqual([false, false, true, false, false]);
    for (const [index, each] of batch.entries()) {
      const [alone] = await recogniser.recognise([each]);
      const own = together[index];
      expect(own?.text).toBe(alone?.text);
      expect(own?.words.map(({ startUs, endUs }) => [startUs, endUs])).toEqual(alone?.words.map(({ startUs, endUs }) => [startUs, endUs]));
      expect(own?.confidence).toBeCloseTo(alone?.confidence ?? 0, 3);
      expect(own?.sentenceEnd).toBeCloseTo(alone?.sentenceEnd ?? 0, 2);
    }
  });

  it("is surer that a sentence ends where one does than amid it", async () => {
    const whole = argument("hours");
    const [heard] = await recogniser.recognise([whole]);
    const endUs = heard?.words.at(-3)?.endUs ?? 0;
    const [cut] = await recogniser.recognise([{ ...whole, samples: whole.samples.subarray(0, Math.round((endUs / 1e6) * 16_000)) }]);
    expect(heard?.sentenceEnd).toBeGreaterThan(0.9);
    expect(cut?.text).not.toBe("");
    expect(cut?.sentenceEnd).toBeLessThan(0.7);
  });
});
