import { rmsDb } from "@troupe/audio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trackPitch } from "./pitch-track.ts";
import { meanPitchHz, neutralProsody, prosodyOf } from "./prosody.ts";
import { shapeWave } from "./shape-wave.ts";

const sampleRateHz = 24_000;

/** A vowel: pulses through two resonances; a gap of silence, then noise like an s. */
function speech(pitchHz: (seconds: number) => number): Float32Array {
  const samples = new Float32Array(sampleRateHz);
  let cycles = 0;
  let seed = 1;
  const resonances = [resonator(700), resonator(1_200)];
  for (let n = 0; n < samples.length; n++) {
    const seconds = n / sampleRateHz;
    cycles += pitchHz(seconds) / sampleRateHz;
    const pulse = cycles >= 1 ? 1 : 0;
    cycles -= Math.floor(cycles);
    seed = (seed * 48_271) % 2_147_483_647;
    const vowel = resonances.reduce((x, resonate) => resonate(x), seconds < 0.6 ? pulse : 0);
    samples[n] = 30 * vowel + (seconds > 0.75 ? (seed / 2_147_483_647 - 0.5) * 0.1 : 0);
  }
  return samples;
}

function resonator(hz: number): (x: number) => number {
  const radius = Math.exp((-Math.PI * 90) / sampleRateHz);
  const a1 = 2 * radius * Math.cos((2 * Math.PI * hz) / sampleRateHz);
  let [y1, y2] = [0, 0];
  return (x) => {
    const y = x * (1 - radius) + a1 * y1 - radius * radius * y2;
    y2 = y1;
    y1 = y;
    return y;
  };
}

const voiced = (samples: Float32Array) => trackPitch(samples, sampleRateHz).pitchHz.filter((pitch) => pitch > 0);
const semitones = (from: number, to: number) => 12 * Math.log2(to / from);
const spreadOf = (samples: Float32Array) => {
  const sorted = voiced(samples).sort();
  return semitones(sorted[Math.floor(sorted.length * 0.1)] as number, sorted[Math.floor(sorted.length * 0.9)] as number);
};
/** Energy above `hz` against all of it, in dB, by a first-order difference. */
const brightnessDb = (samples: Float32Array) => rmsDb(samples.map((x, n) => x - (samples[n - 1] ?? 0))) - rmsDb(samples);

describe("the pitch track", () => {
  it("finds the pitch of a voice within 1 % and none in silence or noise", () => {
    fc.assert(
      fc.property(fc.double({ min: 80, max: 350, noNaN: true }), (hz) => {
        const { pitchHz, hopMs } = trackPitch(
          speech(() => hz),
          sampleRateHz,
        );
        const at = (seconds: number) => pitchHz[Math.round((seconds * 1000) / hopMs)] as number;
        for (const seconds of [0.1, 0.3, 0.5]) expect(Math.abs(at(seconds) / hz - 1)).toBeLessThan(0.01);
        for (const seconds of [0.68, 0.8, 0.95]) expect(at(seconds)).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});

describe("a shaped wave", () => {
  const flat = speech(() => 150);
  const moving = speech((seconds) => 150 + 40 * Math.sin(2 * Math.PI * 1.7 * seconds));

  it.each([-12, -4, 2, 7, 12])("is %i semitones away and as long", (shift) => {
    const shaped = shapeWave(flat, sampleRateHz, { ...neutralProsody, pitchSemitones: shift });
    expect(shaped).toHaveLength(flat.length);
    expect(semitones(150, meanPitchHz(voiced(shaped)))).toBeCloseTo(shift, 0);
  });

  it("leaves silence and what has no voice where they were", () => {
    const shaped = shapeWave(flat, sampleRateHz, { ...neutralProsody, pitchSemitones: 4 });
    const part = (samples: Float32Array, from: number, to: number) => samples.subarray(from * sampleRateHz, to * sampleRateHz);
    expect(rmsDb(part(shaped, 0.66, 0.73))).toBeLessThan(-60);
    expect(rmsDb(part(shaped, 0.8, 0.95))).toBeCloseTo(rmsDb(part(flat, 0.8, 0.95)), 0);
  });

  it("widens and narrows the range of the pitch around its mean", () => {
    const at = (pitchRange: number) => spreadOf(shapeWave(moving, sampleRateHz, { ...neutralProsody, pitchRange }));
    expect(at(1.5) / spreadOf(moving)).toBeCloseTo(1.5, 0);
    expect(at(0.5) / spreadOf(moving)).toBeCloseTo(0.5, 0);
  });

  it("is louder or softer by the gain, and brighter or darker by the tilt", () => {
    const louder = shapeWave(flat, sampleRateHz, { ...neutralProsody, gainDb: 3 });
    expect(rmsDb(louder) - rmsDb(flat)).toBeCloseTo(3, 1);
    const bright = shapeWave(flat, sampleRateHz, { ...neutralProsody, tiltDb: 6 });
    const dark = shapeWave(flat, sampleRateHz, { ...neutralProsody, tiltDb: -6 });
    expect(brightnessDb(bright)).toBeGreaterThan(brightnessDb(flat) + 0.5);
    expect(brightnessDb(dark)).toBeLessThan(brightnessDb(flat) - 0.5);
  });

  it("is the same wave for a neutral prosody, and never leaves -1..1", () => {
    expect(shapeWave(flat, sampleRateHz, neutralProsody)).toBe(flat);
    const loud = shapeWave(
      flat.map((x) => x * 20),
      sampleRateHz,
      { ...neutralProsody, gainDb: 12 },
    );
    expect(loud.every((x) => x >= -1 && x <= 1)).toBe(true);
  });

  it.each([0, 1, 50, 700])("takes %i samples", (length) => {
    const shaped = shapeWave(flat.subarray(0, length), sampleRateHz, { ...neutralProsody, pitchSemitones: 3, pitchRange: 2 });
    expect(shaped).toHaveLength(length);
  });
});

describe("the prosody of a clause", () => {
  const clause = { text: "Hi.", language: "en", voice: "", rate: 1 };
  it("is the delivery's on top of the clause's own", () => {
    expect(prosodyOf(clause)).toEqual(neutralProsody);
    const [gentle, excited] = (["gentle", "excited"] as const).map((delivery) => prosodyOf({ ...clause, delivery, pitchSemitones: 1 }));
    expect(gentle?.rate).toBeLessThan(1);
    expect(excited?.rate).toBeGreaterThan(1);
    expect(gentle?.pitchSemitones).toBeLessThan(1);
    expect(excited?.pitchSemitones).toBeGreaterThan(1);
    expect(gentle?.gainDb).toBeLessThan(0);
    expect(excited?.gainDb).toBeGreaterThan(0);
  });
});
