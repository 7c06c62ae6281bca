import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SoundQueue } from "./sound-queue.ts";

const rateHz = 48_000;
const unitUs = 20_000;
const block = 128;
const blocksPerUnit = (unitUs / 1e6) * (rateHz / block);

/** A unit whose samples are all `level`, so that what sounds tells what it is. */
const unit = (n: number, response: number, level = response / 100) => ({
  ptsUs: n * unitUs,
  durationUs: unitUs,
  response,
  samples: new Float32Array((unitUs / 1e6) * rateHz).fill(level),
});

function rendered(queue: SoundQueue, blocks: number): Float32Array {
  const output = new Float32Array(blocks * block);
  for (let n = 0; n < blocks; n++) queue.render(output.subarray(n * block, (n + 1) * block));
  return output;
}

function filled(units: number, response: number): SoundQueue {
  const queue = new SoundQueue(rateHz);
  for (let n = 0; n < units; n++) queue.push(unit(n, response));
  return queue;
}

describe("the sound queue", () => {
  it("waits until speech has its buffer, and then plays it sample by sample", () => {
    const queue = filled(1, 7);
    const ramp = unit(1, 7);
    for (let n = 0; n < ramp.samples.length; n++) ramp.samples[n] = n / 1e4;
    queue.push(ramp);
    queue.push(unit(2, 7));
    expect(rendered(queue, 4).every((sample) => sample === 0)).toBe(true);
    expect(queue.rate).toBe(0);
    for (let n = 3; n < 8; n++) queue.push(unit(n, 7));
    const output = rendered(queue, 12);
    const at = output.indexOf(ramp.samples[10] as number);
    expect(output.slice(at, at + 500)).toEqual(ramp.samples.slice(10, 510));
  });

  it("does not let speech wait for ever", () => {
    const queue = filled(1, 7);
    expect(rendered(queue, (rateHz / block) * 0.4).some((sample) => sample > 0.05)).toBe(true);
  });

  it("plays silence at once, and makes it longer until the buffer is full", () => {
    const queue = filled(2, 0);
    rendered(queue, 2);
    expect(queue.rate).toBeGreaterThan(0.4);
    expect(queue.rate).toBeLessThan(1);
  });

  it("shortens silence where too much waits", () => {
    const queue = filled(20, 0);
    rendered(queue, 2);
    expect(queue.rate).toBeGreaterThan(1.3);
  });

  it("counts where speech ran out, not where silence did", () => {
    const [speech, silence] = [filled(5, 3), filled(5, 0)];
    rendered(speech, 60);
    rendered(silence, 90);
    expect([speech.underruns, silence.underruns]).toEqual([1, 0]);
    expect(speech.rate).toBe(0);
    expect(speech.positionUs).toBe(5 * unitUs);
  });

  it("drifts by half a percent at most where speech plays", () => {
    const queue = filled(40, 3);
    rendered(queue, 100);
    expect(queue.rate).toBeGreaterThan(1);
    expect(queue.rate).toBeLessThanOrEqual(1.005);
  });

  /** One unit each time as much has been played; what is asked after each block. */
  function played(queue: SoundQueue, units: readonly ReturnType<typeof unit>[]) {
    const seen: { rate: number; level: number; bufferedUs: number }[] = [];
    for (const [index, one] of units.entries()) {
      queue.push(one);
      while (seen.length < (index + 1) * blocksPerUnit) {
        const level = Math.abs(rendered(queue, 1)[block - 1] as number);
        seen.push({ rate: queue.rate, level, bufferedUs: queue.bufferedUs });
      }
    }
    return seen;
  }

  it("lengthens a pause of speech until what comes late is covered, and never the speech", () => {
    const queue = filled(4, 3);
    const speech = (from: number, count: number) => Array.from({ length: count }, (_, n) => unit(from + n, 3));
    const pause = (from: number, count: number) => Array.from({ length: count }, (_, n) => unit(from + n, 3, 0.001));
    const seen = played(queue, [...speech(4, 10), ...pause(14, 20), ...speech(34, 20)]);
    const loud = seen.filter(({ level }, n) => level > 0.02 && (seen[n - 1]?.level ?? 0) > 0.02);
    expect(loud.every(({ rate }) => Math.abs(rate - 1) <= 0.0051)).toBe(true);
    expect(Math.min(...seen.map(({ rate }) => rate))).toBeLessThan(0.8);
    expect(seen[60]?.bufferedUs).toBeLessThan(105_000);
    expect(seen.at(-1)?.bufferedUs).toBeGreaterThan(120_000);
    expect(seen.at(-1)?.bufferedUs).toBeLessThan(170_000);
    expect(queue.underruns).toBe(0);
  });

  it("does not hold back the beginning of a response, though it begins with a pause", () => {
    const queue = new SoundQueue(rateHz);
    for (let n = 0; n < 9; n++) queue.push(unit(n, n < 4 ? 0 : 3, n < 6 ? 0 : 0.03), n * 20);
    const rates: number[] = [];
    for (let n = 0; n < 6 * blocksPerUnit; n++) {
      rendered(queue, 1);
      if (queue.sounding === 3) rates.push(queue.rate);
    }
    expect(rates.length).toBeGreaterThan(2 * blocksPerUnit);
    expect(Math.min(...rates)).toBeGreaterThan(0.75);
  });

  it("counts where a response ran out in a pause, and fills its buffer before the pause goes on", () => {
    const queue = filled(5, 3);
    rendered(queue, Math.ceil(4.5 * blocksPerUnit));
    queue.push(unit(5, 3, 0));
    rendered(queue, Math.ceil(3 * blocksPerUnit));
    expect(queue.underruns).toBe(1);
    expect(queue.rate).toBe(0);
    queue.push(unit(6, 3, 0));
    rendered(queue, 2);
    expect(queue.rate).toBe(0);
    expect(queue.targetUs).toBeLessThan(140_000);
  });

  it("falls silent within 30 ms of a hold, and says where", () => {
    const queue = filled(10, 4);
    rendered(queue, 8);
    queue.takeEvents();
    queue.hold(4);
    const output = rendered(queue, 60);
    const last = output.findLastIndex((sample) => Math.abs(sample) > 0.0004);
    expect((last / rateHz) * 1000).toBeLessThan(30);
    const silenced = queue.takeEvents().find(({ type }) => type === "silenced");
    expect(silenced).toMatchObject({ response: 4 });
    expect((silenced as { atUs: number }).atUs).toBeGreaterThan(30_000);
    expect((silenced as { atUs: number }).atUs).toBeLessThan(50_000);
  });

  it("says that what had not begun to sound was silenced where it stands, and goes on with the rest", () => {
    const queue = new SoundQueue(rateHz);
    for (let n = 0; n < 6; n++) queue.push(unit(n, n < 2 ? 0 : n < 4 ? 8 : 9));
    rendered(queue, 4);
    queue.takeEvents();
    const positionUs = queue.positionUs;
    queue.cancel(8);
    expect(queue.takeEvents()).toContainEqual({ type: "silenced", response: 8, atUs: positionUs });
    const output = rendered(queue, 200);
    expect(output.some((sample) => Math.abs(sample - 0.09) < 1e-6)).toBe(true);
    expect(output.some((sample) => Math.abs(sample - 0.08) < 1e-6)).toBe(false);
  });

  it("lets a held response sound again with what comes after the release, and a cancelled one never", () => {
    const queue = filled(8, 5);
    rendered(queue, 8);
    queue.hold(5);
    queue.push(unit(8, 5, 0.9));
    queue.release(5);
    for (let n = 9; n < 15; n++) queue.push(unit(n, 5, 0.3));
    const output = rendered(queue, 60).slice(8 * block);
    expect(output.some((sample) => sample > 0.29)).toBe(true);
    expect(output.some((sample) => sample > 0.31)).toBe(false);
    queue.cancel(5);
    rendered(queue, 10);
    queue.release(5);
    for (let n = 15; n < 25; n++) queue.push(unit(n, 5, 0.3));
    expect(
      rendered(queue, 60)
        .slice(20 * block)
        .every((sample) => Math.abs(sample) < 0.001),
    ).toBe(true);
  });

  it("names the pictures of what will not be heard", () => {
    const queue = filled(6, 4);
    rendered(queue, 8);
    queue.cancel(4);
    queue.push(unit(6, 4));
    rendered(queue, 8);
    const skipped = queue.takeEvents().flatMap((event) => (event.type === "skipped" ? [event.toUs] : []));
    expect(Math.max(...skipped)).toBe(7 * unitUs);
  });

  it("never sounds anything of a response later than the fade after its cancel, whatever came in which order", () => {
    const response = fc.integer({ min: 1, max: 3 });
    const action = fc.constantFrom(
      "push" as const,
      "push" as const,
      "render" as const,
      "hold" as const,
      "release" as const,
      "cancel" as const,
    );
    fc.assert(
      fc.property(fc.array(fc.record({ action, response }), { maxLength: 60 }), (steps) => {
        const queue = new SoundQueue(rateHz);
        const cancelledAt = new Map<number, number>();
        let [now, n] = [0, 0];
        for (const step of steps) {
          if (step.action === "push") queue.push(unit(n++, step.response));
          else if (step.action === "render") now += rendered(queue, step.response * blocksPerUnit).length;
          else queue[step.action](step.response);
          if (step.action === "cancel" && !cancelledAt.has(step.response)) cancelledAt.set(step.response, now);
          const sounding = cancelledAt.get(queue.sounding) ?? now;
          expect(now - sounding).toBeLessThan(0.03 * rateHz);
        }
      }),
      { numRuns: 300 },
    );
  });
});
