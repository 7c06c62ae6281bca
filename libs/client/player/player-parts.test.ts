import { describe, expect, it } from "vitest";
import { FrameQueue } from "./frame-queue.ts";
import { JitterTarget } from "./jitter-target.ts";
import { PlayClock } from "./play-clock.ts";

describe("the jitter target", () => {
  const fed = (jitter: (n: number) => number, units = 400) => {
    const target = new JitterTarget();
    for (let n = 0; n < units; n++) target.arrived(n * 20 + jitter(n), n * 20, 20);
    return target;
  };
  it("falls to its least on an even network", () => {
    const { onsetMs, speechMs } = fed(() => 5);
    expect([onsetMs, speechMs]).toEqual([expect.closeTo(60, 0), 140]);
  });
  it("covers what comes late", () => {
    const { onsetMs, speechMs } = fed((n) => (n % 10 === 0 ? 130 : 0));
    expect([onsetMs, speechMs]).toEqual([expect.closeTo(150, 0), expect.closeTo(150, 0)]);
  });
  it("covers what is late now and then while speech plays, not where it begins", () => {
    const { onsetMs, speechMs } = fed((n) => (n % 300 === 0 ? 130 : 0), 1500);
    expect(onsetMs).toBeCloseTo(60, 0);
    expect(speechMs).toBeGreaterThan(145);
  });
  it("never goes beyond 200 and 250 ms", () => {
    const { onsetMs, speechMs } = fed((n) => (n % 7) * 120);
    expect([onsetMs, speechMs]).toEqual([200, 250]);
  });
  it("comes down slowly once the network is even again", () => {
    const late = (n: number) => (n < 50 && n % 5 === 0 ? 120 : 0);
    const rare = (n: number) => (n < 50 && n % 5 === 0 ? 160 : 0);
    expect(fed(late, 440).onsetMs).toBeGreaterThan(100);
    expect(fed(late, 1200).onsetMs).toBeLessThan(65);
    expect(fed(rare, 1200).speechMs).toBeGreaterThan(150);
    expect(fed(rare, 4000).speechMs).toBeLessThan(143);
  });
});

describe("the play clock", () => {
  const clock = new PlayClock();
  clock.rendered({ contextS: 1, positionUs: 500_000, rate: 1 });
  clock.rendered({ contextS: 1.01, positionUs: 510_000, rate: 0 });
  clock.rendered({ contextS: 1.05, positionUs: 510_000, rate: 1.5 });
  clock.rendered({ contextS: 1.07, positionUs: 900_000, rate: 1 });
  clock.anchor(0.9, 2000);
  it("knows nothing before the first report", () => expect(new PlayClock().positionUs(0)).toBeUndefined());
  it.each([
    ["of a block", 2105, 505_000],
    ["where nothing sounds", 2130, 510_000],
    ["of stretched silence", 2160, 525_000],
    ["behind a jump", 2175, 905_000],
    ["beyond the last report", 2270, 1_000_000],
  ])("tells what leaves the speaker within the span %s", (_what, atMs, us) => expect(clock.positionUs(atMs)).toBeCloseTo(us, 0));
  it("tells when a sample leaves it", () => expect(clock.speakerMs(1.1)).toBeCloseTo(2200, 6));
});

describe("the frame queue", () => {
  const frames = (count: number, closed: number[] = []) => {
    const queue = new FrameQueue<{ ptsUs: number; close(): void }>(10);
    for (let n = 0; n < count; n++) queue.push({ ptsUs: n * 40_000, close: () => closed.push(n) });
    return queue;
  };
  it("shows the latest frame that is due and counts those it passes", () => {
    const closed: number[] = [];
    const queue = frames(5, closed);
    expect(queue.due(-1)).toBeUndefined();
    expect(queue.due(85_000)?.ptsUs).toBe(80_000);
    expect([queue.dropped, closed, queue.size]).toEqual([2, [0, 1], 2]);
  });
  it("is bounded", () => {
    const queue = frames(14);
    expect([queue.size, queue.dropped]).toEqual([10, 4]);
  });
  it("never shows frames of silenced sound, those that come later neither", () => {
    const queue = frames(5);
    queue.skip(40_000, 300_000);
    queue.push({ ptsUs: 280_000, close: () => undefined });
    queue.push({ ptsUs: 320_000, close: () => undefined });
    expect(queue.due(300_000)?.ptsUs).toBe(0);
    expect(queue.due(400_000)?.ptsUs).toBe(320_000);
    expect(queue.dropped).toBe(0);
  });
});
