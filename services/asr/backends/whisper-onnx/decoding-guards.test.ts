import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressionRatio, findLoop } from "./repetition.ts";
import { findSoundingSpan } from "./sounding-span.ts";
import { alignTokens } from "./word-times.ts";

describe("findLoop", () => {
  it("finds nothing in text that repeats a word or two as people do", () => {
    expect(findLoop([1, 2, 3, 4])).toBeUndefined();
    expect(findLoop([7, 7, 7])).toBeUndefined();
    expect(findLoop([1, 2, 3, 1, 2, 3])).toBeUndefined();
  });

  it("keeps what came before and one round of the loop", () => {
    expect(findLoop([9, 8, 1, 2, 3, 1, 2, 3, 1, 2, 3])).toBe(5);
    expect(findLoop([9, 7, 7, 7, 7, 7])).toBe(2);
  });

  it("finds every loop of up to twelve tokens by its third round", () => {
    const phrase = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1000, max: 1999 }), { maxLength: 5 }), phrase, (start, loop) => {
        expect(findLoop([...start, ...loop, ...loop, ...loop])).toBe(start.length + loop.length);
      }),
    );
  });
});

describe("compressionRatio", () => {
  it("tells a loop from a sentence", () => {
    expect(compressionRatio("Is there a place where I can leave my bicycle?")).toBeLessThan(1.5);
    expect(compressionRatio("thank you ".repeat(20))).toBeGreaterThan(2.4);
    expect(compressionRatio("")).toBe(0);
  });
});

describe("findSoundingSpan", () => {
  it("leaves out the silence before and after, and keeps everything when all is silence", () => {
    const samples = new Float32Array(3200);
    samples.fill(0.3, 1000, 2000);
    expect(findSoundingSpan(samples, 320)).toEqual({ start: 960, end: 2240 });
    expect(findSoundingSpan(new Float32Array(500), 320)).toEqual({ start: 0, end: 500 });
  });
});

describe("alignTokens", () => {
  /** Attention of one head in which token t looks at the states around centres[t]. */
  const attention = (centres: readonly number[], states: number) =>
    centres.map((centre) => [Float32Array.from({ length: states }, (_, state) => Math.exp(-((state - centre) ** 2) / 20))]);

  it("gives each token the states it looks at", () => {
    const spans = alignTokens(attention([5, 20, 40, 70], 80), 80);
    expect(spans).toHaveLength(4);
    [5, 20, 40, 70].forEach((centre, token) => {
      expect(spans[token]?.start).toBeLessThanOrEqual(centre);
      expect(spans[token]?.end).toBeGreaterThan(centre);
    });
  });

  it("covers the states without gaps or overlaps, whatever the attention", () => {
    const weights = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(weights, { minLength: 1, maxLength: 12 }), (rows) => {
        const spans = alignTokens(
          rows.map((row) => [Float32Array.from(row)]),
          25,
        );
        expect(spans[0]?.start).toBe(0);
        expect(spans.at(-1)?.end).toBe(25);
        spans.slice(1).forEach((span, index) => {
          expect(span.start).toBe(spans[index]?.end);
        });
      }),
    );
  });

  it("places nothing when there is nothing", () => {
    expect(alignTokens([], 10)).toEqual([]);
  });
});
