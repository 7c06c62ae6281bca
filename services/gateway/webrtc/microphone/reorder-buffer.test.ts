import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReorderBuffer, type SoundStep } from "./reorder-buffer.ts";

const samples = 960;
const policy = { waitMs: 60, maxWaiting: 16, maxGapSamples: 24_000 };
const packet = (index: number) => ({
  sequence: (65_500 + index) & 0xffff,
  timestamp: (4_294_963_000 + index * samples) % 4_294_967_296,
  payload: Uint8Array.of(index >> 8, index & 255),
});
const create = () => new ReorderBuffer(policy, () => samples);
const indices = (steps: readonly SoundStep[]) =>
  steps.flatMap((step) => (step.kind === "packet" ? [(step.payload[0] ?? 0) * 256 + (step.payload[1] ?? 0)] : []));
const made = (steps: readonly SoundStep[]) => steps.reduce((sum, step) => sum + (step.kind === "packet" ? samples : step.samples), 0);

describe("packets of sound", () => {
  it("that are shuffled within the wait come out in order, whatever the network does, and none of it is lost", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 2, maxLength: 120 }), (delays) => {
        const buffer = create();
        const arrivals = delays
          .map((delayMs, index) => ({ index, atMs: index === 0 ? 0 : index * 20 + delayMs }))
          .sort((a, b) => a.atMs - b.atMs);
        const steps = arrivals.flatMap(({ index, atMs }) => buffer.push(packet(index), atMs));
        expect(indices([...steps, ...buffer.due(1e6)])).toEqual(delays.map((_, index) => index));
      }),
    );
  });

  it("that are lost or doubled leave a gap of their length: time goes on as it was spoken", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 100 }), (copies) => {
        const buffer = create();
        const sent = [1, ...copies, 1];
        // No more in a row than may be made up for.
        fc.pre(!sent.join("").includes("0".repeat(25)));
        const steps = sent.flatMap((count, index) => Array.from({ length: count }, () => buffer.push(packet(index), index * 20)).flat());
        const all = [...steps, ...buffer.due(1e6)];
        expect(indices(all)).toEqual(sent.flatMap((count, index) => (count > 0 ? [index] : [])));
        expect(made(all)).toBe(sent.length * samples);
      }),
    );
  });

  it("wait no longer and no more than they may", () => {
    const buffer = create();
    buffer.push(packet(0), 0);
    expect(buffer.push(packet(2), 40)).toEqual([]);
    expect(buffer.due(99)).toEqual([]);
    expect(buffer.due(100)).toEqual([
      { kind: "lost", samples },
      { kind: "packet", payload: packet(2).payload },
    ]);
    for (let index = 4; index < 20; index++) expect(buffer.push(packet(index), 200)).toEqual([]);
    expect(indices(buffer.push(packet(20), 200))).toHaveLength(17);
    expect(buffer.waiting).toBe(0);
  });

  it("of a new stream are taken at once, and pauses of the sender are told apart from losses", () => {
    const buffer = create();
    buffer.push(packet(0), 0);
    expect(buffer.push({ ...packet(0), sequence: 20_000 }, 20)).toHaveLength(1);
    const later = { sequence: 20_001, timestamp: (packet(0).timestamp + 5 * samples) % 4_294_967_296, payload: packet(1).payload };
    expect(buffer.push(later, 40)[0]).toEqual({ kind: "pause", samples: 4 * samples });
  });
});
