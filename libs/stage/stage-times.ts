import type { Headers } from "@troupe/bus";

const header = "Troupe-Stage-Ms";

/** How long each stage so far took from its first input to its first output for a response. Durations travel, never clock readings. */
export function readStageTimes(headers: Headers): Record<string, number> {
  const times: Record<string, number> = {};
  for (const entry of (headers[header] ?? "").split(",")) {
    const [stage, ms] = entry.split("=");
    if (stage && Number.isFinite(Number(ms))) times[stage] = Number(ms);
  }
  return times;
}

/** The upstream's times and one's own, to be sent along with the first output. */
export function addStageTime(upstream: Headers, stage: string, elapsedMs: number): Headers {
  const entries = Object.entries({ ...readStageTimes(upstream), [stage]: elapsedMs });
  return { [header]: entries.map(([name, ms]) => `${name}=${ms.toFixed(1)}`).join(",") };
}
