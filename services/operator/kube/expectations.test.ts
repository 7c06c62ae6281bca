import { createManualClock } from "@troupe/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createExpectations, type Expectations } from "./expectations.ts";

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

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The plainest form: everything expected, with its time. */
function createModel(nowMs: () => number) {
  let open: { readonly owner: string; readonly what: string; readonly untilMs: number }[] = [];
  return {
    take(one: Exclude<Step, { kind: "pass" }>) {
      if (one.kind === "forget") open = open.filter((each) => each.owner !== one.owner);
      else if ("things" in one) {
        const what = one.things.map((each) => `${one.kind === "expectCreated" ? "created" : "deleted"} ${each}`);
        open = open.filter((each) => each.owner !== one.owner || !what.includes(each.what));
        open.push(...what.map((each) => ({ owner: one.owner, what: each, untilMs: nowMs() + timeoutMs })));
      } else open = open.filter((each) => each.owner !== one.owner || each.what !== `${one.kind} ${one.thing}`);
    },
    remainingMs(who: string) {
      const left = open.filter((each) => each.owner === who && each.untilMs > nowMs());
      return left.length === 0 ? undefined : Math.max(...left.map((each) => each.untilMs)) - nowMs();
    },
  };
}

function take(expectations: Expectations, one: Exclude<Step, { kind: "pass" }>): void {
  if (one.kind === "forget") expectations.forget(one.owner);
  else if ("things" in one) expectations[one.kind](one.owner, one.things);
  else expectations[one.kind](one.owner, one.thing);
}

describe("expectations", () => {
  it("hold an owner back exactly while something it asked for is neither seen nor overdue", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = createManualClock();
        const expectations = createExpectations({ clock }, { timeoutMs });
        const model = createModel(clock.nowMs);
        for (const one of steps) {
          if (one.kind === "pass") await clock.advance(one.ms);
          else {
            take(expectations, one);
            model.take(one);
          }
          for (const who of ["x", "y"]) {
            expect(expectations.satisfied(who)).toBe(model.remainingMs(who) === undefined);
            expect(expectations.remainingMs(who)).toBe(model.remainingMs(who));
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
