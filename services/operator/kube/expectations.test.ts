import { createManualClock } from "@troupe/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createExpectations } from "./expectations.ts";

const owner = fc.constantFrom("x", "y");
const thing = fc.constantFrom("1", "2", "3");
const things = fc.array(thing, { maxLength: 3 });
const step = fc.oneof(
  fc.record({ kind: fc.constant("expectCreated" as const), owner, things }),
  fc.record({ kind: fc.constant("expectDeleted" as const), owner, things }),
  fc.record({ kind: fc.constant("created" as const), owner, thing }),
  fc.record({ kind: fc.constant("deleted" as const), owner, thing }),
  fc.record({ kind: fc.constant("forget" as const), owner }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 600 }) }),
);
const timeoutMs = 1000;

describe("expectations", () => {
  it("hold an owner back exactly while something it asked for is neither seen nor overdue", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = createManualClock();
        const expectations = createExpectations({ clock }, { timeoutMs });
        /** The plainest form: everything expected, with its time. */
        let open: { owner: string; what: string; untilMs: number }[] = [];
        const expectIn = (who: string, what: readonly string[]) => {
          open = open.filter((one) => one.owner !== who || !what.includes(one.what));
          open.push(...what.map((each) => ({ owner: who, what: each, untilMs: clock.nowMs() + timeoutMs })));
        };
        for (const one of steps) {
          if (one.kind === "pass") await clock.advance(one.ms);
          else if (one.kind === "forget") {
            expectations.forget(one.owner);
            open = open.filter(({ owner: who }) => who !== one.owner);
          } else if (one.kind === "expectCreated" || one.kind === "expectDeleted") {
            expectations[one.kind](one.owner, one.things);
            expectIn(one.owner, one.things.map((each) => `${one.kind === "expectCreated" ? "created" : "deleted"} ${each}`));
          } else {
            expectations[one.kind](one.owner, one.thing);
            open = open.filter(({ owner: who, what }) => who !== one.owner || what !== `${one.kind} ${one.thing}`);
          }
          for (const who of ["x", "y"]) {
            const left = open.filter((each) => each.owner === who && each.untilMs > clock.nowMs());
            expect(expectations.satisfied(who)).toBe(left.length === 0);
            const longestMs = left.length === 0 ? undefined : Math.max(...left.map((each) => each.untilMs)) - clock.nowMs();
            expect(expectations.remainingMs(who)).toBe(longestMs);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("don't mistake a pod that appears for one that goes", () => {
    const expectations = createExpectations({ clock: createManualClock() });
    expectations.expectDeleted("pool", ["a"]);
    expectations.created("pool", "a");
    expect(expectations.satisfied("pool")).toBe(false);
    expectations.deleted("pool", "a");
    expect(expectations.satisfied("pool")).toBe(true);
  });
});
