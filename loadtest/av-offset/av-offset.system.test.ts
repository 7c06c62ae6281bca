import { AudioCodec } from "@troupe/contracts";
import type { Embedded } from "@troupe/troupe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSilently } from "../platform/embedded.ts";
import { readCalibration } from "./calibration.ts";
import type { MediaFile } from "./media-file.ts";
import { measureOffset, selftest, selftestToleranceMs } from "./offset.ts";
import { shiftSound, shuffleSound } from "./remux.ts";
import { renderClip } from "./rendered-clip.ts";

const text =
  "On Sundays the museum is open from ten in the morning to five in the afternoon. Please leave your bicycle behind the house, and mind the blue bees by the pump.";
const seeds = [1, 2, 3];

/** Budget: 60 s. One clip for each avatar, rendered unpaced through the real tts, face and compositor. */
describe.for(["mara", "pico"])("av-offset on a clip of %s", (avatar) => {
  let platform: Embedded;
  let clip: MediaFile;
  let biasMs: number;
  beforeAll(async () => {
    platform = await startSilently({ asr: "stub", llm: "stub" });
    clip = await renderClip(platform.converse, { text, avatar, audioCodec: AudioCodec.PCM16, signal: AbortSignal.timeout(60_000) });
    biasMs = (await readCalibration()).biasMs;
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  it("finds the mouth in the lower middle of the face", async () => {
    const { mouth } = (await measureOffset(clip, biasMs)).lag;
    expect(mouth.x).toBeGreaterThan(0.45);
    expect(mouth.x).toBeLessThan(0.55);
    expect(mouth.y).toBeGreaterThan(0.54);
    expect(mouth.y).toBeLessThan(0.66);
  });

  it("sees the presenter's sound and mouth in step", async () => {
    const offset = await measureOffset(clip, biasMs);
    expect(offset).toMatchObject({ lock: true });
    expect(Math.abs(offset.lock ? offset.offsetMs : Number.NaN)).toBeLessThan(selftestToleranceMs);
  });

  it("recovers every known shift within 20 ms", async () => {
    const { shifts, passed } = await selftest(clip, biasMs);
    expect(shifts.filter((shift) => !shift.passed)).toEqual([]);
    expect(passed).toBe(true);
  });

  it("tells early from late", async () => {
    const late = await measureOffset(shiftSound(clip, 300), biasMs);
    const early = await measureOffset(shiftSound(clip, -300), biasMs);
    expect(late.lock && late.offsetMs).toBeGreaterThan(250);
    expect(early.lock && early.offsetMs).toBeLessThan(-250);
  });

  it.for(seeds)("finds no lock when the sound's blocks have changed places (order %i)", async (seed) => {
    expect((await measureOffset(shuffleSound(clip, 500, seed), biasMs)).lock).toBe(false);
  });
});
