import { describe, expect, it } from "vitest";
import { createInterimPace } from "./interim-pace.ts";

/** How much sound passes from one interim to the next. */
function intervalMs(pace: ReturnType<typeof createInterimPace>): number {
  pace.began(0);
  for (let ms = 0; ms <= 10_000; ms += 100) if (pace.isDue(ms * 1000)) return ms;
  throw new Error("none is due within 10 s");
}

describe("the pace of interims", () => {
  it("is 800 ms while they come at once", () => {
    const pace = createInterimPace();
    pace.ended(90);
    expect(intervalMs(pace)).toBe(800);
  });

  it("slows down as they take longer, and recovers", () => {
    const pace = createInterimPace();
    pace.ended(600);
    expect(intervalMs(pace)).toBe(2400);
    pace.ended(100);
    expect(intervalMs(pace)).toBe(800);
  });

  it("is quick at first where words are wanted soon, however long they took, and no longer after two seconds", () => {
    const pace = createInterimPace();
    pace.ended(600);
    const seen: number[] = [];
    for (let ms = 0; ms <= 4600; ms += 10) {
      if (!pace.isDue(ms * 1000, true)) continue;
      seen.push(ms);
      pace.began(ms * 1000);
    }
    expect(seen).toEqual([620, 870, 1120, 1370, 1620, 1870, 4270]);
  });

  it("doubles the distance for each that does not come, up to a bound", () => {
    const pace = createInterimPace();
    const seen = Array.from({ length: 4 }, () => {
      pace.ended(undefined);
      return intervalMs(pace);
    });
    expect(seen).toEqual([1600, 3200, 6400, 6400]);
  });
});
