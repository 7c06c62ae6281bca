import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultJitterPolicy, JitterTarget } from "./jitter-target.ts";
import { PictureSchedule } from "./picture-schedule.ts";
import { PlayClock } from "./play-clock.ts";
import { defaultSoundPolicy, SoundQueue } from "./sound-queue.ts";

const rateHz = 48_000;
const block = 128;
const blockMs = (block / rateHz) * 1000;
const tickMs = 40;
const refreshMs = 16;
/** From the session's time to the client: of the sound, and of the picture, which is drawn and encoded. */
const soundWayMs = 25;
const usualPictureWayMs = 45;
const speakerMs = 20;

interface Plan {
  readonly targetMs: number;
  readonly pictureWayMs?: number;
  /** What sounds in a tick; 0: nothing. */
  readonly responseAt: (tick: number) => number;
  /** When the client is told. */
  readonly orders: readonly { readonly atMs: number; readonly order: "hold" | "release" | "cancel"; readonly response: number }[];
  readonly untilMs: number;
}

interface Shown {
  readonly atMs: number;
  readonly tick: number;
  /** Sound that leaves the speaker when the picture is on the screen, less the picture's own; where the picture has one. */
  readonly lateMs: number | undefined;
}

/** A client on a manual clock: the sound queue as its worklet runs it, and what is on the screen. */
function play({ targetMs, pictureWayMs = usualPictureWayMs, responseAt, orders, untilMs }: Plan): readonly Shown[] {
  const always = { minMs: targetMs, maxMs: targetMs, startMs: targetMs, speechMinMs: targetMs, speechMaxMs: targetMs };
  const jitter = new JitterTarget({ ...defaultJitterPolicy, ...always });
  const [queue, clock] = [new SoundQueue(rateHz, defaultSoundPolicy, jitter), new PlayClock()];
  const schedule = new PictureSchedule<{ readonly ptsUs: number; close(): void }>(clock);
  const shown: Shown[] = [];
  const output = new Float32Array(block);
  clock.anchor(0, speakerMs);
  let [ticks, pictures, refreshes, ordered] = [0, 0, 0, 0];
  for (let nowMs = 0; nowMs < untilMs; nowMs += blockMs) {
    for (; ticks * tickMs + soundWayMs <= nowMs; ticks++)
      for (const half of [0, 1]) {
        const response = responseAt(ticks);
        const samples = new Float32Array((rateHz * tickMs) / 2000).fill(response / 10);
        queue.push({ ptsUs: (ticks + half / 2) * tickMs * 1000, durationUs: tickMs * 500, response, samples });
      }
    for (; pictures * tickMs + pictureWayMs <= nowMs; pictures++)
      schedule.push({ ptsUs: pictures * tickMs * 1000, close: () => undefined });
    for (let next = orders[ordered]; next && next.atMs <= nowMs; next = orders[++ordered]) queue[next.order](next.response);
    const play = { contextS: nowMs / 1000, positionUs: queue.positionUs };
    queue.render(output);
    clock.rendered({ ...play, rate: queue.rate });
    const { sounding, speechUs } = queue;
    schedule.reported({ sounding, speechUs, events: queue.takeEvents().map((event) => ({ ...event, contextS: 0 })) }, nowMs);
    if (refreshes * refreshMs > nowMs) continue;
    refreshes++;
    const due = schedule.due(nowMs);
    if (due)
      shown.push({
        atMs: nowMs,
        tick: due.frame.ptsUs / tickMs / 1000,
        lateMs: due.offsetUs === undefined ? undefined : -due.offsetUs / 1000,
      });
  }
  return shown;
}

const firstOf = (shown: readonly Shown[], tick: number): number => shown.find((one) => one.tick >= tick)?.atMs ?? Number.POSITIVE_INFINITY;
const speechFrom = 10;

describe("the schedule of pictures", () => {
  it.each([
    [80, 45],
    [140, 27],
    [200, 60],
  ])("shows the mouth closing as soon as it comes, though the sound's buffer holds %i ms (its way: %i ms)", (targetMs, pictureWayMs) => {
    const holdMs = 2000;
    // The presenter is told as well: what it makes from then on has its mouth closing.
    const closing = holdMs / tickMs;
    const shown = play({
      targetMs,
      pictureWayMs,
      responseAt: (tick) => (tick >= speechFrom && tick <= closing ? 5 : 0),
      orders: [{ atMs: holdMs, order: "hold", response: 5 }],
      untilMs: 3000,
    });
    const cameMs = closing * tickMs + pictureWayMs;
    expect(firstOf(shown, closing)).toBeLessThan(cameMs + refreshMs + blockMs);
    expect(firstOf(shown, closing + 2)).toBeLessThan(cameMs + 2 * tickMs + refreshMs + blockMs);
  });

  it("is in time again with the first picture of what sounds next, and slows down until then without a standstill", () => {
    const [holdMs, releaseMs] = [2000, 2900];
    const resumed = releaseMs / tickMs;
    const shown = play({
      targetMs: 200,
      responseAt: (tick) => ((tick >= speechFrom && tick <= holdMs / tickMs) || tick >= resumed ? 5 : 0),
      orders: [
        { atMs: holdMs, order: "hold", response: 5 },
        { atMs: releaseMs - 20, order: "release", response: 5 },
      ],
      untilMs: 4500,
    });
    const spoken = shown.filter(({ tick }) => tick >= resumed);
    expect(spoken.length).toBeGreaterThan(30);
    for (const { lateMs } of spoken) expect(Math.abs(lateMs ?? 1000)).toBeLessThan(tickMs);
    const between = shown.filter(({ atMs }) => atMs > holdMs + 100 && atMs < releaseMs);
    for (let n = 1; n < between.length; n++)
      expect((between[n] as Shown).atMs - (between[n - 1] as Shown).atMs).toBeLessThan(2 * tickMs + 2 * refreshMs);
  });

  it.each([3, 5, 8])("shows no lips before their sound where the next answer comes %i pictures later", (pause) => {
    const holdMs = 2000;
    const next = holdMs / tickMs + pause;
    const shown = play({
      targetMs: 200,
      responseAt: (tick) => (tick >= speechFrom && tick <= holdMs / tickMs ? 5 : tick >= next ? 6 : 0),
      orders: [{ atMs: holdMs, order: "cancel", response: 5 }],
      untilMs: 4000,
    });
    const spoken = shown.filter(({ tick }) => tick >= next);
    expect(spoken.length).toBeGreaterThan(20);
    for (const { lateMs } of spoken) expect(Math.abs(lateMs ?? 1000)).toBeLessThan(tickMs);
  });

  it("leaves a response alone that sounds while another one is cancelled", () => {
    // It ends soon afterwards.
    const plan = { targetMs: 140, responseAt: (tick: number) => (tick >= speechFrom && tick < 40 ? 5 : 0), untilMs: 3000 };
    expect(play({ ...plan, orders: [{ atMs: 1650, order: "cancel", response: 7 }] })).toEqual(play({ ...plan, orders: [] }));
  });

  it("never goes back, whatever is held, released and cancelled when", () => {
    const order = fc.record({
      atMs: fc.integer({ min: 300, max: 2500 }),
      order: fc.constantFrom("hold" as const, "release" as const, "cancel" as const),
      response: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(order, { maxLength: 8 }), fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), (orders, pattern) => {
        const sorted = orders.sort((a, b) => a.atMs - b.atMs);
        // Silent in the end: what is cancelled is said no more.
        const responseAt = (tick: number) => (tick > 50 ? 0 : (pattern[Math.floor(tick / 9) % pattern.length] as number));
        const shown = play({ targetMs: 120, responseAt, orders: sorted, untilMs: 2800 });
        expect(shown.every(({ tick }, n) => n === 0 || tick > (shown[n - 1] as Shown).tick)).toBe(true);
        expect(shown.at(-1)?.atMs).toBeGreaterThan(2600);
      }),
      { numRuns: 40 },
    );
  });
});
