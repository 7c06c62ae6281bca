import { describe, expect, it } from "vitest";
import { type Playhead, paceOf, targetS } from "./element-pace.ts";
import { StillPicture } from "./still-picture.ts";

const speech = { response: 5, muted: false, toS: 99 };
const silence = { response: 0, muted: false, toS: 99 };
const at = (waitingS: number, sound: Playhead["sound"]) => paceOf({ positionS: 10, endS: 10 + waitingS, sound });

describe("the pace of a media element", () => {
  it("leaves speech as it is, unless it is late", () => {
    for (const waitingS of [0.02, targetS, 0.5]) expect(at(waitingS, speech)).toEqual({ rate: 1, seekToS: undefined });
    expect(at(0.7, speech).rate).toBe(1.05);
    expect(at(2, speech).seekToS).toBeCloseTo(12 - targetS, 6);
  });

  it("jumps over what was silenced to what is behind it, once that is there", () => {
    const muted = { ...speech, muted: true, toS: 10.3 };
    expect(at(0.3, muted).seekToS).toBeUndefined();
    expect(at(0.34, muted).seekToS).toBe(10.3);
  });

  it("has its buffer again within a second of silence after an interruption, and loses no speech for it", () => {
    const [stepS, wayS, holdS] = [0.01, 0.05, 3];
    let positionS = 3 - targetS - wayS;
    const jumps: number[] = [];
    for (let nowS = holdS; nowS < holdS + 1.3; nowS += stepS) {
      const endS = nowS - wayS;
      // The presenter's own way to silence takes a frame.
      const muted = positionS < holdS + 0.04;
      const pace = paceOf({ positionS, endS, sound: muted ? { response: 5, muted, toS: Math.min(endS, holdS + 0.04) } : silence });
      if (pace.seekToS !== undefined && pace.seekToS > positionS + 0.02) {
        jumps.push(nowS);
        positionS = pace.seekToS;
      } else positionS = Math.min(endS, positionS + pace.rate * stepS);
    }
    expect(jumps).toHaveLength(1);
    expect(jumps[0]).toBeLessThan(holdS + 0.15);
    expect(holdS + 1.3 - wayS - positionS).toBeGreaterThan(targetS - 0.06);
    expect(holdS + 1.3 - wayS - positionS).toBeLessThan(targetS + 0.06);
  });
});

describe("a still picture", () => {
  const picture = (ptsUs: number, keyframe: boolean) => ({
    track: 2,
    ptsUs,
    durationUs: 40_000,
    keyframe,
    data: Uint8Array.of(ptsUs % 251),
    response: 0,
    responsePtsUs: 0,
  });
  it("stays under sound that has no pictures, from their end to the sound's", () => {
    const still = new StillPicture();
    const keyframe = picture(1_000_000, true);
    expect([still.over(0, 5), still.take(keyframe), still.take(picture(1_040_000, false))]).toEqual([undefined, true, true]);
    expect(still.over(1.08, 1.2)).toBeUndefined();
    expect(still.over(1.08, 1.38)).toEqual({ ...keyframe, durationUs: 300_000 });
  });
  it("lets pictures go on with a keyframe only", () => {
    const still = new StillPicture();
    still.take(picture(0, true));
    still.over(0.04, 0.4);
    expect(still.take(picture(440_000, false))).toBe(false);
    expect(still.take(picture(480_000, true))).toBe(true);
    expect(still.take(picture(520_000, false))).toBe(true);
  });
  it("is none of another form", () => {
    const still = new StillPicture();
    still.take(picture(0, true));
    still.forget();
    expect(still.over(0.04, 1)).toBeUndefined();
  });
});
