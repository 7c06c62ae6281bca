import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What the gateway measures. Names and meaning stand in docs/metrics.md. */
export interface GatewayMetrics {
  readonly sessions: Gauge;
  readonly opened: Counter<"kind">;
  readonly refusals: Counter<"reason">;
  readonly errors: Counter<"reason">;
  readonly ended: Counter<"reason">;
  readonly speculations: Counter<"outcome">;
  readonly outputSteps: Counter<"step" | "reason">;
  readonly responseStartSeconds: Histogram;
}

export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry];
  return {
    sessions: new Gauge({ name: "troupe_gateway_sessions", help: "Sessions this gateway owns.", registers }),
    opened: new Counter({
      name: "troupe_gateway_sessions_opened_total",
      help: "Sessions opened, by kind: new, or adopted from another gateway.",
      labelNames: ["kind"],
      registers,
    }),
    refusals: new Counter({
      name: "troupe_gateway_refusals_total",
      help: "Sessions refused, by reason.",
      labelNames: ["reason"],
      registers,
    }),
    errors: new Counter({
      name: "troupe_gateway_errors_total",
      help: "Errors told to callers in running sessions, by reason.",
      labelNames: ["reason"],
      registers,
    }),
    ended: new Counter({
      name: "troupe_gateway_sessions_ended_total",
      help: "Sessions that ended, by reason.",
      labelNames: ["reason"],
      registers,
    }),
    speculations: new Counter({
      name: "troupe_gateway_speculations_total",
      help: "Responses begun before it was certain that the person had finished, by outcome: committed, or wasted.",
      labelNames: ["outcome"],
      registers,
    }),
    outputSteps: new Counter({
      name: "troupe_gateway_output_steps_total",
      help: "Changes of a session's output, by the step of the ladder it went to (0: as wanted) and why.",
      labelNames: ["step", "reason"],
      registers,
    }),
    responseStartSeconds: new Histogram({
      name: "troupe_gateway_response_start_seconds",
      help: "Time the stages took from the end of an utterance, or from a text, to the first sound of the response leaving the presenter: the sum of their first outputs.",
      buckets: [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.5, 2, 3, 5],
      registers,
    }),
  };
}
