import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimedSpec, mayTake, readLease, releasedSpec } from "./lease-record.ts";

const record = (spec: object) => readLease({ metadata: { name: "l", resourceVersion: "5" }, spec });
const held = record({ holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 3, acquireTime: "then", renewTime: "later" });

describe("a lease", () => {
  it("of somebody else is free when it has stood unchanged for its duration, whatever times are written in it", () => {
    fc.assert(
      fc.property(fc.nat(60_000), fc.date({ noInvalidDate: true }), (unchangedMs, renewed) => {
        const other = record({ holderIdentity: "a", leaseDurationSeconds: 15, renewTime: renewed.toISOString() });
        expect(mayTake(other, "b", unchangedMs)).toBe(unchangedMs >= 15_000);
      }),
    );
  });

  it("that was given back is free at once, and so is one's own", () => {
    expect(mayTake(record(releasedSpec(held, 0)), "b", 0)).toBe(true);
    expect(mayTake(held, "a", 0)).toBe(true);
    expect(mayTake(held, "b", 0)).toBe(false);
  });

  it("counts a transition when its holder changes, and keeps the acquire time while it does not", () => {
    const claim = { durationMs: 15_000, utcNowMs: Date.UTC(2026, 1, 3, 4, 5, 6, 7) };
    expect(claimedSpec(held, { ...claim, identity: "b" })).toEqual({
      holderIdentity: "b",
      leaseDurationSeconds: 15,
      leaseTransitions: 4,
      acquireTime: "2026-02-03T04:05:06.007000Z",
      renewTime: "2026-02-03T04:05:06.007000Z",
    });
    expect(claimedSpec(held, { ...claim, identity: "a" })).toMatchObject({ leaseTransitions: 3, acquireTime: "then" });
    expect(claimedSpec(undefined, { ...claim, identity: "a" })).toMatchObject({ leaseTransitions: 0 });
  });
});
