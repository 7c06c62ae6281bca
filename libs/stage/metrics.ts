import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What every stage measures. Names and meaning stand in docs/metrics.md. */
export interface StageMetrics {
  readonly sessions: Gauge<"stage">;
  readonly streams: Counter<"stage" | "outcome">;
  readonly firstOutputSeconds: Histogram<"stage">;
  readonly packets: Counter<"edge">;
  readonly resends: Counter<"edge">;
  readonly refusals: Counter<"stage" | "reason">;
}

export function createStageMetrics(registry: Registry): StageMetrics {
  const registers = [registry];
  return {
    sessions: new Gauge({ name: "troupe_stage_sessions", help: "Sessions open at this stage.", labelNames: ["stage"], registers }),
    streams: new Counter({
      name: "troupe_stage_streams_total",
      help: "Utterances or responses a stage has finished with, by outcome (ok, cancelled, or the reason of the failure).",
      labelNames: ["stage", "outcome"],
      registers,
    }),
    firstOutputSeconds: new Histogram({
      name: "troupe_stage_first_output_seconds",
      help: "From the first packet of a stream to the first output for it.",
      labelNames: ["stage"],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 5],
      registers,
    }),
    packets: new Counter({ name: "troupe_edge_packets_total", help: "Packets written, by edge.", labelNames: ["edge"], registers }),
    resends: new Counter({
      name: "troupe_edge_resends_total",
      help: "Packets written again on a reader's request, by edge.",
      labelNames: ["edge"],
      registers,
    }),
    refusals: new Counter({
      name: "troupe_stage_refusals_total",
      help: "Sessions refused, by reason.",
      labelNames: ["stage", "reason"],
      registers,
    }),
  };
}
