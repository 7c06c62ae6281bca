import { Track } from "@troupe/contracts";
import { describe, expect, it } from "vitest";
import { latenessMs, longestGapMs, soundRateHz, strongestTone, UnitLog } from "./unit-log.ts";

const tonesHz = [116, 167, 213];
const tone = (toneHz: number, gain = 0.2) =>
  Float32Array.from({ length: 960 }, (_, n) => gain * Math.sin((2 * Math.PI * toneHz * n) / soundRateHz));
const unit = (samples: Float32Array, n: number, nowMs = n * 40) => ({
  track: Track.AUDIO,
  ptsUs: n * 40_000,
  durationUs: 40_000,
  keyframe: true,
  response: 1,
  data: new Uint8Array(Int16Array.from(samples, (value) => Math.round(value * 32767)).buffer),
  nowMs,
});

describe("units of a session", () => {
  it.for([0, 1, 2])("tone %d is told from the others", (index) => {
    expect(strongestTone(tone(tonesHz[index] as number), tonesHz)).toBe(index);
  });

  it("two tones at once are neither", () => {
    const [one, other] = [tone(116), tone(167, 0.15)];
    expect(
      strongestTone(
        one.map((value, n) => value + (other[n] as number)),
        tonesHz,
      ),
    ).toBe(-1);
  });

  it("show whose tone they hold; silence holds none", () => {
    const log = new UnitLog();
    log.tonesHz = tonesHz;
    log.add(unit(tone(167), 0));
    log.add(unit(tone(167, 0), 1));
    log.add(unit(tone(213), 2));
    expect(log.units.map((one) => one.tone)).toEqual([1, -1, 2]);
    expect(log.newestUs(Track.AUDIO)).toBe(120_000);
  });

  it("are late against the earliest", () => {
    const log = new UnitLog();
    for (const [n, nowMs] of [100, 145, 180, 400].entries()) log.add(unit(tone(116), n, nowMs));
    expect(latenessMs(log.units)).toEqual([0, 5, 0, 180]);
    expect(longestGapMs([100, 145, 180, 400], 100, 450)).toBe(220);
    expect(longestGapMs([], 100, 450)).toBe(350);
  });
});
