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
    const events = run([...times(5, 0), ...times(10, 0.9), ...times(40, 0)]);
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
    const probabilities = [...times(5, 0.9), ...times(10, 0), ...times(5, 0.9), ...times(40, 0)];
    expect(run(probabilities).map((event) => event.kind)).toEqual(["onset", "end"]);
    expect(run(probabilities, { hangoverMs: 200 }).map((event) => event.kind)).toEqual(["onset", "end", "onset", "end"]);
  });

  const graded = {
    hangoverMs: 900,
    gradedHangover: [
      { completeness: 0.5, silenceMs: 600 },
      { completeness: 0.9, silenceMs: 300 },
    ],
  };

  it("waits the less the more complete recognition takes what was said for", () => {
    const sure = (confidence: number) => ({ sentenceEnd: confidence, lastWordConfidence: confidence });
    const finished = { text: "Where is the museum?", ...sure(0.95), lastWordEndUs: 5 * WINDOW_US };
    const silenceUntilEnd = (guess: typeof finished | undefined, arrivesAfter: number) => {
      const endpointer = createEndpointer(graded);
      for (let index = 0; index < 60; index++) {
        const window = { ptsUs: index * WINDOW_US, durationUs: WINDOW_US, probability: index < 5 ? 0.9 : 0 };
        const events = [...endpointer.push(window), ...(guess && index === 5 + arrivesAfter ? endpointer.guess(guess) : [])];
        if (events.some((event) => event.kind === "end")) return Math.ceil(((index + 1 - 5) * WINDOW_US) / 1000);
      }
      return undefined;
    };
    expect(silenceUntilEnd(undefined, 0)).toBe(928);
    expect(silenceUntilEnd(finished, 6)).toBe(320);
    expect(silenceUntilEnd(finished, 15)).toBe(512);
    expect(silenceUntilEnd({ ...finished, ...sure(0.7) }, 6)).toBe(480);
    expect(silenceUntilEnd({ ...finished, ...sure(0.5) }, 6)).toBe(608);
    expect(silenceUntilEnd({ ...finished, ...sure(0.4) }, 6)).toBe(928);
    expect(silenceUntilEnd({ ...finished, lastWordConfidence: 0.3, sentenceEnd: 1 }, 6)).toBe(576);
    expect(silenceUntilEnd({ ...finished, text: "Where is the museum..." }, 6)).toBe(928);
    expect(silenceUntilEnd({ ...finished, lastWordEndUs: -200_000 }, 6)).toBe(928);
  });

  it("never waits longer than it is told to, however doubtful the words", () => {
    const endpointer = createEndpointer({ ...graded, hangoverMs: 200 });
    for (let index = 0; index < 5; index++) endpointer.push({ ptsUs: index * WINDOW_US, durationUs: WINDOW_US, probability: 0.9 });
    endpointer.guess({ text: "Log in.", sentenceEnd: 0.5, lastWordConfidence: 1, lastWordEndUs: 5 * WINDOW_US });
    const silent = Array.from({ length: 7 }, (_, index) => ({ ptsUs: (5 + index) * WINDOW_US, durationUs: WINDOW_US, probability: 0 }));
    expect(silent.map((window) => endpointer.push(window).length)).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it("takes back that something was complete when speech goes on", () => {
    const endpointer = createEndpointer(graded);
    const push = (index: number, probability: number) => endpointer.push({ ptsUs: index * WINDOW_US, durationUs: WINDOW_US, probability });
    for (let index = 0; index < 5; index++) push(index, 0.9);
    for (let index = 5; index < 12; index++) push(index, 0);
    endpointer.guess({ text: "Log in.", sentenceEnd: 1, lastWordConfidence: 1, lastWordEndUs: 5 * WINDOW_US });
    for (let index = 12; index < 30; index++) push(index, 0.9);
    const ends = Array.from({ length: 20 }, (_, index) => push(30 + index, 0)).flat();
    expect(ends).toEqual([]);
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
