import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { audibleDb, countMarks, hearUnit, marksHz, soundRateHz } from "./marks.ts";

const unitSize = 960;
/** What lies on a unit: a tone from one sample to another, fading over so many samples at each end. */
interface Piece {
  readonly toneHz: number;
  readonly gain: number;
  readonly from: number;
  readonly size: number;
  readonly fade: number;
  readonly phase: number;
}

function sounding(pieces: readonly Piece[]): Float32Array {
  const unit = new Float32Array(unitSize);
  for (const { toneHz, gain, from, size, fade, phase } of pieces)
    for (let n = from; n < Math.min(unitSize, from + size); n++) {
      const edge = fade === 0 ? 1 : Math.min(1, (n - from) / fade, (from + size - n) / fade);
      unit[n] = Math.fround((unit[n] ?? 0) + gain * edge * Math.sin(phase + (2 * Math.PI * toneHz * n) / soundRateHz));
    }
  // As it travels.
  return unit.map((value) => Math.round(value * 32_767) / 32_768);
}

const whole = (toneHz: number, gain = 0.2): Piece => ({ toneHz, gain, from: 0, size: unitSize, fade: 0, phase: 0 });
const markIndex = fc.integer({ min: 0, max: marksHz.length - 1 });
const placed = {
  gain: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
  from: fc.integer({ min: 0, max: unitSize - 1 }),
  size: fc.integer({ min: 1, max: unitSize }),
  fade: fc.integer({ min: 0, max: 480 }),
  phase: fc.double({ min: 0, max: 6, noNaN: true }),
};
const hum: fc.Arbitrary<Piece> = fc.record({ toneHz: fc.integer({ min: 110, max: 220 }), ...placed });

describe("marks in sound", () => {
  it.for([0, 1, 2])("mark %d alone is heard alone", (index) => {
    expect(hearUnit(sounding([whole(marksHz[index] as number)])).marks).toEqual([index]);
  });

  it("no edge, fade or fragment of the own mark, nor a hummed word beside it, passes for another's", () => {
    fc.assert(
      fc.property(markIndex, fc.record(placed), fc.array(hum, { maxLength: 2 }), (own, place, hums) => {
        const heard = hearUnit(sounding([{ toneHz: marksHz[own] as number, ...place }, ...hums]));
        expect(heard.marks.filter((mark) => mark !== own)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("another's mark is heard when it sounds for half a unit, or over the whole of it 10 dB below the own", () => {
    fc.assert(
      fc.property(markIndex, markIndex, fc.integer({ min: 240, max: 480 }), fc.boolean(), (own, other, from, beside) => {
        const [ownHz, otherHz] = [marksHz[own] as number, marksHz[other] as number];
        const foreign = beside ? whole(otherHz, 0.2 / 10 ** 0.5) : { ...whole(otherHz), from, size: unitSize / 2 };
        expect(hearUnit(sounding(beside ? [whole(ownHz), foreign] : [foreign])).marks).toContain(other);
      }),
      { numRuns: 200 },
    );
  });

  it("counts what a session heard", () => {
    const units = [whole(700), whole(1100), whole(160), whole(700, 0)].map((piece) => hearUnit(sounding([piece])));
    expect(countMarks(units, 0)).toEqual({ audible: 3, own: 1, unmarked: 1, foreign: 1 });
    expect(countMarks([hearUnit(sounding([whole(700), whole(1500)]))], 0)).toEqual({ audible: 1, own: 0, unmarked: 0, foreign: 1 });
    expect(hearUnit(new Float32Array(unitSize)).levelDb).toBeLessThan(audibleDb);
  });
});
