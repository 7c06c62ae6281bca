import type { EndpointPolicy } from "@troupe/vad";
import { type EndpointCase, evaluate } from "./endpoint-cases.ts";

type Graded = EndpointPolicy["gradedHangover"];

const cutAtMostPercent = 5;

const shortMs = 290;

/** What is tried: a long silence for doubtful ends of sentences, which becomes the short one as they are surer. */
function candidates(): readonly Graded[] {
  const found: Graded[] = [];
  for (const longMs of [600, 650, 700, 750, 800])
    for (const doubtful of [0.5, 0.6, 0.7])
      for (const surer of [0.78, 0.82, 0.86])
        for (const sure of [0.86, 0.88, 0.9, 0.92])
          found.push([
            { completeness: doubtful, silenceMs: longMs },
            { completeness: surer, silenceMs: longMs },
            { completeness: sure, silenceMs: shortMs },
          ]);
  return found;
}

/** The graded hangover with which the cases wait least on average, out of those that cut at most 5 % of them off. */
export function fitGradedHangover(cases: readonly EndpointCase[]): Graded {
  let best: { readonly graded: Graded; readonly meanMs: number } | undefined;
  for (const graded of candidates()) {
    const { cutPercent, latencies } = evaluate(cases, { gradedHangover: graded });
    const meanMs = mean(latencies);
    if (cutPercent <= cutAtMostPercent && (best === undefined || meanMs < best.meanMs)) best = { graded, meanMs };
  }
  return best?.graded ?? [];
}

export const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
