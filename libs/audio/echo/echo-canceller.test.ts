import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rmsDb } from "../loudness.ts";
import { readWav } from "../wav-reading.ts";
import { createEchoCanceller } from "./index.ts";
import { roomEcho } from "./testing/room-echo.ts";

const rateHz = 16_000;
const voice = (name: string) => readWav(readFileSync(new URL(`../../../models/questions/${name}.wav`, import.meta.url))).samples;
const avatar = joined(voice("bicycle"), voice("hours"));
const person = voice("students");

function cancel(mic: Float32Array, reference: Float32Array, chunks: readonly number[] = [320]) {
  const canceller = createEchoCanceller({ sampleRateHz: rateHz, tailMs: 400 });
  const output = new Float32Array(mic.length);
  for (let at = 0, turn = 0; at < mic.length; turn++) {
    const size = chunks[turn % chunks.length] as number;
    const done = canceller.push(mic.subarray(at, at + size), reference.subarray(at, at + size));
    output.set(done, at);
    at += done.length;
  }
  return { output, delaySamples: canceller.delaySamples };
}

describe("the echo canceller", () => {
  it.each([50, 200])("takes the avatar's own voice out that comes back after %i ms from a room", (delayMs) => {
    const mic = roomEcho(avatar, { rateHz, delayMs, fadeSeconds: 0.2, level: 10 ** (-10 / 20) });
    const { output } = cancel(mic, avatar);
    for (const [from, until] of [
      [0.5, 3],
      [4, 7],
    ] as const) {
      const part = (samples: Float32Array) => samples.subarray(from * rateHz, until * rateHz);
      expect(rmsDb(part(mic)) - rmsDb(part(output))).toBeGreaterThan(20);
    }
  });

  it("lets a voice through while the avatar speaks into headphones, where no echo comes back", () => {
    const mic = new Float32Array(avatar.length);
    const atS = 3;
    for (let index = 0; index < mic.length; index++) mic[index] = 1e-4 * Math.sin(index * index);
    for (const [index, sample] of person.entries()) mic[atS * rateHz + index] = (mic[atS * rateHz + index] ?? 0) + sample;
    const { output, delaySamples } = cancel(mic, avatar);
    const from = atS * rateHz + delaySamples;
    const spoken = rmsDb(person);
    expect(rmsDb(output.subarray(from, from + person.length))).toBeGreaterThan(spoken - 3);
  });

  it("leaves a voice as it is where nothing is played, but for its delay", () => {
    const { output, delaySamples } = cancel(person, new Float32Array(person.length));
    const late = output.subarray(delaySamples);
    late.forEach((sample, index) => {
      expect(Math.abs(sample - (person[index] as number))).toBeLessThan(1e-4);
    });
  });

  it("lets a voice through that speaks into the avatar's", () => {
    const echo = roomEcho(avatar, { rateHz, delayMs: 50, fadeSeconds: 0.2, level: 10 ** (-10 / 20) });
    const at = 4.5 * rateHz;
    const mic = echo.map((sample, index) => sample + (person[index - at] ?? 0));
    const { output, delaySamples } = cancel(mic, avatar);
    const heard = output.subarray(at + delaySamples, at + delaySamples + person.length);
    expect(Math.abs(rmsDb(heard) - rmsDb(person))).toBeLessThan(6);
    expect(correlation(heard, person)).toBeGreaterThan(0.7);
  });

  it.each([
    [250, 60],
    [60, 250],
  ])("takes it out from its first syllable on though the delay has changed in silence from %i to %i ms", (before, after) => {
    const pause = new Float32Array(rateHz);
    const room = (delayMs: number) => roomEcho(joined(avatar, pause), { rateHz, delayMs, fadeSeconds: 0.2, level: 10 ** (-10 / 20) });
    const mic = joined(room(before), room(after));
    const { output } = cancel(mic, joined(avatar, pause, avatar, pause));
    const from = avatar.length + pause.length + 0.3 * rateHz;
    for (const [start, end] of [
      [0, 0.5],
      [0.5, 1],
      [1, 3],
    ] as const) {
      const part = (samples: Float32Array) => samples.subarray(from + start * rateHz, from + end * rateHz);
      expect(rmsDb(part(mic)) - rmsDb(part(output))).toBeGreaterThan(18);
    }
  });

  it("lets a voice through that speaks at once after the delay has changed", () => {
    const pause = new Float32Array(rateHz);
    const room = (delayMs: number) => roomEcho(joined(avatar, pause), { rateHz, delayMs, fadeSeconds: 0.2, level: 10 ** (-10 / 20) });
    const at = avatar.length + pause.length + 1.2 * rateHz;
    const mic = joined(room(250), room(60)).map((sample, index) => sample + (person[index - at] ?? 0));
    const { output, delaySamples } = cancel(mic, joined(avatar, pause, avatar, pause));
    const heard = output.subarray(at + delaySamples, at + delaySamples + person.length);
    expect(Math.abs(rmsDb(heard) - rmsDb(person))).toBeLessThan(6);
    expect(correlation(heard, person)).toBeGreaterThan(0.6);
  });

  it("gives the same however the sound is cut", () => {
    const mic = roomEcho(avatar, { rateHz, delayMs: 50, fadeSeconds: 0.2, level: 0.3 }).subarray(0, rateHz);
    expect(cancel(mic, avatar, [1, 77, 128, 1000]).output).toEqual(cancel(mic, avatar).output);
  });
});

function correlation(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((sample, index) => {
    const other = b[index] as number;
    ab += sample * other;
    aa += sample * sample;
    bb += other * other;
  });
  return ab / Math.sqrt(aa * bb);
}

function joined(...parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
