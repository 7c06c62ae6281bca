import fc from "fast-check";
import { expect, it } from "vitest";
import { newestWithin } from "./record-bounds.ts";

it("keeps the newest of a record's texts, in their order, and as many as fit", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.nat(600), (texts, maxBytes) => {
      const kept = newestWithin(texts, maxBytes, (text) => text);
      const sizeOf = (some: readonly string[]) => some.reduce((sum, text) => sum + Buffer.byteLength(text) + 32, 0);
      expect(kept).toEqual(texts.slice(texts.length - kept.length));
      expect(sizeOf(kept)).toBeLessThanOrEqual(maxBytes);
      if (kept.length < texts.length) expect(sizeOf(texts.slice(texts.length - kept.length - 1))).toBeGreaterThan(maxBytes);
    }),
  );
});
