import { describe, expect, it } from "vitest";
import { steepestStep, trackLevel } from "./level-track.ts";
import { errorsOf, findPhoneEvents } from "./phone-events.ts";
import { median, quantile, type Spoken } from "./spoken.ts";

const sampleRateHz = 24_000;

/** A hum, a hiss, a hum, silence, a hum: 200 ms each. */
function sample(toldLateMs = 0): Spoken {
  const samples = new Float32Array(sampleRateHz);
  let seed = 1;
  for (let n = 0; n < samples.length; n++) {
    seed = (seed * 48_271) % 2_147_483_647;
    const part = Math.floor(n / (sampleRateHz / 5));
    if (part === 1) samples[n] = 0.2 * (seed / 2_147_483_647 - 0.5);
    else if (part !== 3) samples[n] = 0.3 * Math.sin((2 * Math.PI * 150 * n) / sampleRateHz);
  }
  const bounds = [0, 200, 400, 600, 800, 1_000].map((ms, index) => 1000 * (ms + (index > 0 && index < 5 ? toldLateMs : 0)));
  const phones = ["a", "s", "a", "", "a"].map((text, index) => ({
    text,
    startUs: bounds[index] as number,
    endUs: bounds[index + 1] as number,
  }));
  return { samples, sampleRateHz, phones, firstMs: 0, totalMs: 0, cpuMs: 0, audioMs: 1_000 };
}

describe("phone events", () => {
  it.each([0, 30, -40])("are heard where they are when the voice tells them %i ms late", (late) => {
    const events = findPhoneEvents(sample(late));
    expect(events.map(({ kind }) => kind)).toEqual(["sibilant", "sibilant", "pause", "pause"]);
    for (const error of errorsOf(events, ["sibilant", "pause"])) expect(Math.abs(error + late)).toBeLessThanOrEqual(6);
  });

  it("are none where nothing changes", () => {
    const flat = { ...sample(), samples: new Float32Array(sampleRateHz).fill(0.1) };
    expect(errorsOf(findPhoneEvents(flat), ["sibilant", "pause"])).toEqual([]);
  });
});

describe("a level track", () => {
  it("has its steepest step where the sound ends", () => {
    const level = trackLevel(sample().samples, sampleRateHz, "all");
    expect(Math.abs(steepestStep(level, 500, 700, "fall").ms - 600)).toBeLessThanOrEqual(5);
    expect(Math.abs(steepestStep(level, 700, 900, "rise").ms - 800)).toBeLessThanOrEqual(5);
  });
});

describe("quantiles", () => {
  it("are values of the list", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(quantile([5, 1, 4, 2, 3], 0.95)).toBe(5);
    expect(median([])).toBeNaN();
  });
});
