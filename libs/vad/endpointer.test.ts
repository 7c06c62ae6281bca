import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEndpointer, type EndpointEvent, type EndpointPolicy } from "./endpointer.ts";

const WINDOW_US = 32_000;

function run(probabilities: readonly number[], policy: Partial<EndpointPolicy> = {}): readonly EndpointEvent[] {
  const endpointer = createEndpointer(policy);
  return probabilities.flatMap((probability, index) => endpointer.push({ ptsUs: index * WINDOW_US, durationUs: WINDOW_US, probability }));
}

const times = (count: number, probability: number) => new Array<number>(count).fill(probability);

describe("endpointer", () => {
  it("finds the beginning and the end of speech where they were, not where they became certain", () => {
    const events = run([...times(5, 0), ...times(10, 0.9), ...times(30, 0)]);
    expect(events).toEqual([
      { kind: "onset", ptsUs: 5 * WINDOW_US },
      { kind: "end", ptsUs: 15 * WINDOW_US, cause: "silence" },
    ]);
  });

  it("ignores a click that is shorter than the onset", () => {
    expect(run([0, 0.9, 0, 0.9, 0, 0])).toEqual([]);
    expect(run([0, 0.9, 0, 0.9, 0, 0], { onsetMs: 32 })).not.toEqual([]);
  });

  it("keeps one utterance together over a pause that is shorter than the hangover", () => {
    const probabilities = [...times(5, 0.9), ...times(10, 0), ...times(5, 0.9), ...times(30, 0)];
    expect(run(probabilities).map((event) => event.kind)).toEqual(["onset", "end"]);
    expect(run(probabilities, { hangoverMs: 200 }).map((event) => event.kind)).toEqual(["onset", "end", "onset", "end"]);
  });

  it("lets a fading voice go on that could not begin", () => {
    expect(run(times(40, 0.4))).toEqual([]);
    expect(run([...times(3, 0.9), ...times(40, 0.4)]).map((event) => event.kind)).toEqual(["onset"]);
  });

  it("ends speech that never pauses at the limit and begins anew", () => {
    const events = run(times(100, 0.9), { maxSpeechMs: 1280 });
    expect(events.slice(0, 3)).toEqual([
      { kind: "onset", ptsUs: 0 },
      { kind: "end", ptsUs: 1_280_000, cause: "limit" },
      { kind: "onset", ptsUs: 1_280_000 },
    ]);
  });

  it("alternates onsets and ends in order of time, whatever the probabilities", () => {
    const probability = fc.constantFrom(0, 0.2, 0.4, 0.6, 1);
    const runs = fc.array(fc.tuple(probability, fc.integer({ min: 1, max: 30 })), { maxLength: 40 });
    fc.assert(
      fc.property(runs, (stretches) => {
        const events = run(
          stretches.flatMap(([level, count]) => times(count, level)),
          { maxSpeechMs: 3000 },
        );
        events.forEach((event, index) => {
          expect(event.kind).toBe(index % 2 === 0 ? "onset" : "end");
          if (index > 0) expect(event.ptsUs).toBeGreaterThanOrEqual((events[index - 1] as EndpointEvent).ptsUs);
        });
      }),
    );
  });
});
