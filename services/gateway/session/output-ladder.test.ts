import { create } from "@bufbuild/protobuf";
import { OutputSettingsSchema } from "@troupe/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { climb, initialLadder, type LadderState, defaultLadderPolicy as policy, rungsOf } from "./output-ladder.ts";

const wanted = create(OutputSettingsSchema, { width: 512, height: 512, framesPerSecond: 30, videoBitrateBps: 1_200_000 });

/** Plays one second after the other; "c" congested, "l" late, "." good. */
function play(seconds: string, state: LadderState = initialLadder(policy), rungs = 5, fromS = 0) {
  const moves: { s: number; step: number; reason: string }[] = [];
  let now = state;
  for (const [index, kind] of [...seconds].entries()) {
    const s = fromS + index;
    const move = climb(now, { nowMs: s * 1000, congested: kind === "c", late: kind === "l" }, rungs, policy);
    now = move.state;
    if (move.reason) moves.push({ s, step: now.step, reason: move.reason });
  }
  return { state: now, moves };
}

describe("the ladder of output", () => {
  it("goes from fewer frames over a smaller picture to the voice", () => {
    const rungs = rungsOf(wanted).map(({ width, framesPerSecond, motion }) => ({ width, framesPerSecond, motion }));
    expect(rungs).toEqual([
      { width: 512, framesPerSecond: 30, motion: false },
      { width: 512, framesPerSecond: 25, motion: false },
      { width: 512, framesPerSecond: 15, motion: false },
      { width: 256, framesPerSecond: 15, motion: false },
      { width: 0, framesPerSecond: 15, motion: false },
    ]);
  });

  it("leaves the pose to a client that draws, before the voice alone", () => {
    const rungs = rungsOf({ ...wanted, motion: true }).slice(-2);
    expect(rungs.map(({ width, motion }) => ({ width, motion }))).toEqual([
      { width: 0, motion: true },
      { width: 0, motion: false },
    ]);
  });

  it("ignores one bad second, and steps down after two", () => {
    expect(play("c.c.l..").moves).toEqual([]);
    expect(play(".cc").moves).toEqual([{ s: 2, step: 1, reason: "congestion" }]);
    expect(play("ll").moves).toEqual([{ s: 1, step: 1, reason: "deadline" }]);
  });

  it("steps up after ten good seconds, and later when that did not hold", () => {
    const first = play(`cc${".".repeat(11)}`);
    expect(first.moves.at(-1)).toEqual({ s: 12, step: 0, reason: "recovered" });
    const again = play(`cc${".".repeat(21)}`, first.state, 5, 13);
    expect(again.moves).toEqual([
      { s: 14, step: 1, reason: "congestion" },
      { s: 35, step: 0, reason: "recovered" },
    ]);
  });

  it("never leaves its rungs, and never moves by more than one step a second", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("c", "l", "."), maxLength: 300 }), fc.integer({ min: 1, max: 6 }), (seconds, rungs) => {
        let state = initialLadder(policy);
        for (const [s, kind] of [...seconds].entries()) {
          const next = climb(state, { nowMs: s * 1000, congested: kind === "c", late: kind === "l" }, rungs, policy).state;
          expect(next.step).toBeGreaterThanOrEqual(0);
          expect(next.step).toBeLessThan(rungs);
          expect(Math.abs(next.step - state.step)).toBeLessThanOrEqual(1);
          state = next;
        }
      }),
    );
  });
});
