import { describe, expect, it } from "vitest";
import { createPitchTrack } from "./pitch.ts";

const sampleRateHz = 24_000;

/** Three harmonics, the second the strongest, as in many vowels. */
function voice(pitchHz: number, seconds: number): Int16Array {
  return Int16Array.from({ length: seconds * sampleRateHz }, (_, n) => {
    const phase = (2 * Math.PI * pitchHz * n) / sampleRateHz;
    return 4_000 * (0.6 * Math.sin(phase) + Math.sin(2 * phase + 1) + 0.4 * Math.sin(3 * phase + 2));
  });
}

describe("pitch", () => {
  it.each([80, 120, 180, 240, 350])("of a voice at %i Hz is found within half a semitone", (pitchHz) => {
    const track = createPitchTrack(sampleRateHz);
    track.push(voice(pitchHz, 0.3));
    expect(Math.abs(12 * Math.log2((track.pitchHz(100_000) ?? 1) / pitchHz))).toBeLessThan(0.5);
  });

  it("is none in silence, in noise, and where no sound has come yet", () => {
    const track = createPitchTrack(sampleRateHz);
    track.push(new Int16Array(7_200));
    expect(track.pitchHz(100_000)).toBeUndefined();
    track.push(Int16Array.from({ length: 7_200 }, (_, n) => ((n * n * 7_919) % 20_011) - 10_000));
    expect(track.pitchHz(400_000)).toBeUndefined();
    expect(track.pitchHz(900_000)).toBeUndefined();
  });
});
