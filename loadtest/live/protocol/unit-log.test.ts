import { Track } from "@troupe/contracts";
import { describe, expect, it } from "vitest";
import { soundRateHz } from "./marks.ts";
import { latenessMs, longestGap, UnitLog } from "./unit-log.ts";

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
  it("show whose mark they hold; silence holds none", () => {
    const log = new UnitLog();
    log.add(unit(tone(1100), 0));
    log.add(unit(tone(1100, 0), 1));
    log.add(unit(tone(1500), 2));
    expect(log.units.map(({ marks }) => marks)).toEqual([[1], [], [2]]);
    expect(log.newestUs(Track.AUDIO)).toBe(120_000);
  });

  it("are late against the earliest", () => {
    const log = new UnitLog();
    for (const [n, nowMs] of [100, 145, 180, 400].entries()) log.add(unit(tone(700), n, nowMs));
    expect(latenessMs(log.units)).toEqual([0, 5, 0, 180]);
  });

  it("leave a longest gap, at the ends too", () => {
    expect(longestGap([100, 145, 180, 400], 100, 450)).toEqual({ startMs: 180, endMs: 400 });
    expect(longestGap([], 100, 450)).toEqual({ startMs: 100, endMs: 450 });
    expect(longestGap([100, 145], 100, 450)).toEqual({ startMs: 145, endMs: 450 });
  });
});
