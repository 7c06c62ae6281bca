import { describe, expect, it } from "vitest";
import { lipGap } from "../phones/face-weights.ts";
import { createListener } from "./listener.ts";
import { type MouthNetLayout, type MouthNetState, stepSamples } from "./mouth-net.ts";

const layout: MouthNetLayout = {
  phones: ["", "b", "ɑ"],
  classes: [0, 1, 2],
  gains: [1, 1, 1],
  prior: new Array<number>(64).fill(0),
  lateSteps: 3,
};
const firstState: MouthNetState = { mel: { tail: new Float32Array(), mean: new Float64Array(), count: 0, peak: 0 }, tensors: [] };
const stepMs = 20;

/**
 * A listener that hears what the script says, step by step, and silence thereafter.
 * @param runs gets the samples of each run of the network
 */
async function animate(script: string, sampleRateHz: number, runs: number[] = []) {
  let step = -layout.lateSteps;
  const listener = await createListener({
    first: { ptsUs: 0, sampleRateHz },
    framesPerSecond: 25,
    layout,
    firstState,
    async hear(state, samples) {
      runs.push(samples.length);
      const posteriors = new Float32Array((samples.length / stepSamples) * layout.phones.length);
      for (let at = 0; at < posteriors.length; at += layout.phones.length, step++) {
        posteriors[at + Math.max(0, layout.phones.indexOf(script[step] ?? ""))] = 1;
      }
      return { posteriors, state };
    },
  });
  using _ = listener;
  const samples = Int16Array.from({ length: (script.length * stepMs * sampleRateHz) / 1000 }, (_, n) => 8_000 * Math.sin(n / 20));
  return [...(await listener.push(samples)), ...(await listener.finish())];
}

describe("createListener", () => {
  it.each([16_000, 24_000, 44_100])("closes the lips where a b is heard, at %i Hz", async (sampleRateHz) => {
    const vowels = "ɑ".repeat(15);
    const frames = await animate(`${vowels}bbb${vowels}`, sampleRateHz);
    const gaps = frames.map(({ weights }) => lipGap(weights));
    // The b lies from 300 to 360 ms; frame 8 shows 320 to 360 ms.
    expect(gaps[8]).toBeLessThan(0.01);
    expect(gaps[9]).toBeGreaterThan(0.05);
    expect(gaps[5]).toBeGreaterThan(0.2);
    expect(gaps[11]).toBeGreaterThan(0.2);
  });

  it("closes them even for a b of a single step", async () => {
    const vowels = "ɑ".repeat(15);
    expect(Math.min(...(await animate(`${vowels}b${vowels}`, 16_000)).map(({ weights }) => lipGap(weights)))).toBeLessThan(0.01);
  });

  it("rests where nothing is heard", async () => {
    const frames = await animate(" ".repeat(40), 16_000);
    expect(Math.max(...frames.map(({ weights }) => lipGap(weights)))).toBeLessThan(0.02);
  });

  it("runs the network on hardly more than a second at once, however long a chunk is", async () => {
    const runs: number[] = [];
    const steps = 400;
    expect(await animate("ɑ".repeat(steps), 24_000, runs)).toHaveLength((steps * stepMs) / 40);
    expect(Math.max(...runs)).toBeLessThan(1.1 * 16_000);
  });
});
