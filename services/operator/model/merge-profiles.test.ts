import type { ModelProfile } from "@troupe/kinds";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeProfiles } from "./merge-profiles.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const profile = (sessions: number, second: number, image = "troupe:1", acceleratorClass = "cpu"): ModelProfile => ({
  acceleratorClass,
  image,
  sessions,
  measuredTime: at(second),
});

describe("what was measured of a model", () => {
  it("is one profile for each class and image, the last one", () => {
    const before = [profile(8, 10), profile(4, 10, "troupe:1", "l4")];
    const measured = [profile(2, 5), profile(6, 20), profile(7, 15), profile(9, 1, "troupe:2")];
    expect(mergeProfiles(before, measured)).toEqual([profile(6, 20), before[1], profile(9, 1, "troupe:2")]);
  });

  it("is the lower of two that were measured at the same time", () => {
    expect(mergeProfiles([], [profile(8, 1), profile(3, 1), profile(5, 1)])).toEqual([profile(3, 1)]);
  });

  it("is not what no replica of ours can say", () => {
    const strange = [
      profile(20_000, 1),
      { ...profile(1, 1), measuredTime: "soon" },
      { ...profile(1, 1), image: "" },
      { ...profile(1, 1), p95EarlyMilliseconds: -1 },
    ];
    expect(mergeProfiles([], strange)).toEqual([]);
  });

  it("is as many as the kind holds, the newest", () => {
    const before = Array.from({ length: 64 }, (_, index) => profile(1, index, `troupe:${index}`));
    const merged = mergeProfiles(before, [profile(1, 100, "troupe:new")]);
    expect(merged).toEqual([...before.slice(1), profile(1, 100, "troupe:new")]);
  });

  it("does not depend on the order in which it comes, and is the same again when it comes again", () => {
    const any = fc.record({
      acceleratorClass: fc.constantFrom("cpu", "l4"),
      image: fc.constantFrom("troupe:1", "troupe:2"),
      sessions: fc.integer({ min: 1, max: 9 }),
      measuredTime: fc.integer({ min: 0, max: 5 }).map(at),
    });
    fc.assert(
      fc.property(fc.array(any), fc.array(any), (one, other) => {
        const merged = mergeProfiles(mergeProfiles([], one), other);
        expect(mergeProfiles(merged, [...other, ...one])).toEqual(merged);
        expect(new Set(mergeProfiles(mergeProfiles([], other), one))).toEqual(new Set(merged));
      }),
    );
  });
});
