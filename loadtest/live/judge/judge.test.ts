import { describe, expect, it } from "vitest";
import { seededRandom } from "../../av-offset/random.ts";
import { heardPrefix, wordsOf } from "./heard-words.ts";
import { measureLevel } from "./level.ts";
import { measureLipSync } from "./lip-sync.ts";
import { firstSpeaking, idleBound, stillAt, trackMouth } from "./mouth.ts";
import { firstSound, longestSilence, silencedAt } from "./sound.ts";
import { speechBounds } from "./speech-bounds.ts";

const rateHz = 16_000;
const clockS = 100;

/** A tone from one time to another within six seconds, before faint noise. */
function recorded(spans: readonly { readonly fromS: number; readonly toS: number; readonly gain: number }[], lengthS = 6) {
  const random = seededRandom(3);
  const samples = Float32Array.from({ length: lengthS * rateHz }, (_, n) => {
    const timeS = n / rateHz;
    const gain = spans.find(({ fromS, toS }) => timeS >= fromS && timeS < toS)?.gain ?? 0;
    return gain * Math.sin(2 * Math.PI * 300 * timeS) + 1e-5 * random();
  });
  return { rateHz, startS: clockS, samples };
}

describe("sound", () => {
  it("begins where the tone begins, on the recording's clock", () => {
    const level = measureLevel(recorded([{ fromS: 2, toS: 4, gain: 0.1 }]));
    expect(firstSound(level, clockS, clockS + 6)).toBeCloseTo(clockS + 2, 1);
    expect(Math.abs((firstSound(level, clockS, clockS + 6) ?? 0) - clockS - 2)).toBeLessThan(0.015);
  });

  it("is not heard in noise, nor in a click of 10 ms", () => {
    const level = measureLevel(recorded([{ fromS: 2, toS: 2.005, gain: 0.3 }]));
    expect(firstSound(level, clockS, clockS + 6)).toBeUndefined();
  });

  it("counts as silenced once it is 40 dB down, not while it is only quieter", () => {
    const spans = [
      { fromS: 1, toS: 3, gain: 0.2 },
      { fromS: 3, toS: 3.4, gain: 0.02 },
      { fromS: 3.4, toS: 5, gain: 0.001 },
    ];
    const level = measureLevel(recorded(spans));
    const atS = silencedAt(level, clockS + 2.9, clockS + 5) ?? 0;
    expect(Math.abs(atS - clockS - 3.4)).toBeLessThan(0.015);
  });

  it("that came back after a pause was not silenced", () => {
    const spans = [
      { fromS: 1, toS: 3, gain: 0.2 },
      { fromS: 3.5, toS: 4, gain: 0.2 },
    ];
    expect(silencedAt(measureLevel(recorded(spans)), clockS + 2.9, clockS + 5)).toBeGreaterThan(clockS + 3.95);
  });

  it("that was not there at the onset cannot be silenced", () => {
    expect(silencedAt(measureLevel(recorded([{ fromS: 0, toS: 1, gain: 0.2 }])), clockS + 3, clockS + 5)).toBeUndefined();
  });

  it("has its longest silence between two tones", () => {
    const spans = [
      { fromS: 0, toS: 1, gain: 0.2 },
      { fromS: 1.2, toS: 2, gain: 0.2 },
      { fromS: 3.5, toS: 6, gain: 0.2 },
    ];
    const { startS, endS } = longestSilence(measureLevel(recorded(spans)), clockS, clockS + 6);
    expect(startS).toBeCloseTo(clockS + 2, 1);
    expect(endS).toBeCloseTo(clockS + 3.5, 1);
  });

  it("of a line begins and ends with its voice; silence has none", () => {
    const { samples } = recorded([{ fromS: 0.5, toS: 2.25, gain: 0.3 }]);
    const { startS, endS } = speechBounds(samples, rateHz);
    expect(startS).toBeCloseTo(0.5, 1);
    expect(Math.abs(endS - 2.25)).toBeLessThan(0.015);
    expect(() => speechBounds(new Float32Array(rateHz), rateHz)).toThrow(RangeError);
  });
});

const side = 64;
const framesPerSecond = 25;

/** A face that sways a little, blinks, and opens its mouth by `openingAt`. */
function filmed(openingAt: (timeS: number) => number, lengthS = 8) {
  const timesS = Array.from({ length: lengthS * framesPerSecond }, (_, n) => clockS + n / framesPerSecond);
  const cells = timesS.map((clock) => {
    const timeS = clock - clockS;
    const sway = 2 * Math.sin(timeS * 1.3);
    return Uint8Array.from({ length: side ** 2 }, (_, n) => {
      const [x, y] = [n % side, Math.floor(n / side)];
      const inMouth = Math.abs(x - 32) < 5 && Math.abs(y - 40) < 3;
      const inEyes = Math.abs(y - 22) < 2 && Math.abs(x - 32) < 14;
      const blink = timeS % 3 < 0.12 ? 60 : 0;
      return 120 + sway + (inMouth ? -60 * openingAt(timeS) : 0) - (inEyes ? blink : 0);
    });
  });
  return { timesS, cells };
}

const babble = (timeS: number) => Math.abs(Math.sin(timeS * 9) * Math.sin(timeS * 2.3 + 1));

describe("mouth", () => {
  const speaking = filmed((timeS) => (timeS >= 4 && timeS < 6 ? babble(timeS) : 0));

  it("speaks from the first picture that shows it moving, and is still after the last", () => {
    const track = trackMouth(speaking);
    const bound = idleBound(track, clockS, clockS + 3.5);
    expect(Math.abs((firstSpeaking(track, bound, clockS + 3, clockS + 8) ?? 0) - clockS - 4)).toBeLessThan(0.13);
    expect(Math.abs(stillAt(track, bound, clockS + 5) - clockS - 6)).toBeLessThan(0.13);
  });

  it("that only sways and blinks does not speak", () => {
    const track = trackMouth(filmed(() => 0));
    expect(firstSpeaking(track, idleBound(track, clockS, clockS + 3.5), clockS + 3.5, clockS + 8)).toBeUndefined();
  });

  it("is not still while it speaks on", () => {
    const track = trackMouth(filmed((timeS) => (timeS >= 2 ? babble(timeS) : 0)));
    expect(stillAt(track, idleBound(track, clockS, clockS + 1.8), clockS + 4)).toBeGreaterThan(clockS + 7);
  });
});

describe("lip sync", () => {
  const film = filmed((timeS) => babble(timeS));
  const voiceBehind = (lateS: number) => {
    const random = seededRandom(5);
    const samples = Float32Array.from({ length: 8 * rateHz }, (_, n) => babble(n / rateHz - lateS) ** 2 * (random() - 0.5));
    return { rateHz, startS: clockS, samples };
  };

  it.for([-120, 0, 80])("finds sound that is %d ms late", (lateMs) => {
    const { lock, offsetMs } = measureLipSync(film, voiceBehind(lateMs / 1000), clockS, clockS + 8);
    expect(lock).toBe(true);
    expect(Math.abs(offsetMs - lateMs)).toBeLessThan(20);
  });

  it("does not lock on the sound of something else", () => {
    const random = seededRandom(9);
    const samples = Float32Array.from({ length: 8 * rateHz }, (_, n) => Math.abs(Math.sin((n / rateHz) * 5.1 + 2)) ** 3 * (random() - 0.5));
    expect(measureLipSync(film, { rateHz, startS: clockS, samples }, clockS, clockS + 8).lock).toBe(false);
  });
});

describe("heard words", () => {
  const said = wordsOf("On Sundays the museum is open from 10 in the morning.");

  it("are those whose beginning fits what was recognised, misheard words included", () => {
    expect(heardPrefix(said, wordsOf("On Sundays the museum is"))).toBe(5);
    expect(heardPrefix(said, wordsOf("On Sunday's the museum"))).toBe(4);
    expect(heardPrefix(said, wordsOf("On Monday the museum is open"))).toBe(6);
    expect(heardPrefix(said, [])).toBe(0);
    expect(heardPrefix(said, said)).toBe(said.length);
  });

  it("count Han characters one by one", () => {
    expect(heardPrefix(wordsOf("周日博物馆上午10点开门。"), wordsOf("周日博物馆"))).toBe(5);
    expect(wordsOf("在2楼，iPad可以用")).toEqual(["在", "2", "楼", "ipad", "可", "以", "用"]);
  });
});
