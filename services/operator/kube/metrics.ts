import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What the operator measures of itself. Names and meaning stand in docs/metrics.md. */
export interface OperatorMetrics {
  readonly reconcileSeconds: Histogram<"controller" | "result">;
  readonly retries: Counter<"controller" | "reason">;
  readonly queueDepth: Gauge<"controller">;
  readonly queueSeconds: Histogram<"controller">;
  readonly informerObjects: Gauge<"kind">;
  readonly informerLists: Counter<"kind">;
  readonly watchFailures: Counter<"kind" | "reason">;
  readonly leader: Gauge;
  readonly leaderChanges: Counter<"change">;
}

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createOperatorMetrics(registry: Registry): OperatorMetrics {
  const registers = [registry];
  return {
    reconcileSeconds: new Histogram({
      name: "troupe_operator_reconcile_seconds",
      help: "Time of one reconcile, by controller and result: ok, retry, or stopped because the lease was lost or the process ended.",
      labelNames: ["controller", "result"],
      buckets: seconds,
      registers,
    }),
    retries: new Counter({
      name: "troupe_operator_retries_total",
      help: "Reconciles that failed and are tried again, by controller and reason.",
      labelNames: ["controller", "reason"],
      registers,
    }),
    queueDepth: new Gauge({
      name: "troupe_operator_queue_depth",
      help: "Keys that are due and wait for their controller.",
      labelNames: ["controller"],
      registers,
    }),
    queueSeconds: new Histogram({
      name: "troupe_operator_queue_seconds",
      help: "Time that a key was due before its controller took it.",
      labelNames: ["controller"],
      buckets: seconds,
      registers,
    }),
    informerObjects: new Gauge({
      name: "troupe_operator_informer_objects",
      help: "Objects that an informer holds, by kind.",
      labelNames: ["kind"],
      registers,
    }),
    informerLists: new Counter({
      name: "troupe_operator_informer_lists_total",
      help: "Times that an informer listed everything: at its start, after its watch expired, and now and then to be sure.",
      labelNames: ["kind"],
      registers,
    }),
    watchFailures: new Counter({
      name: "troupe_operator_watch_failures_total",
      help: "Watches and lists that broke, by kind and reason.",
      labelNames: ["kind", "reason"],
      registers,
    }),
    leader: new Gauge({ name: "troupe_operator_leader", help: "1 while this process holds the lease, else 0.", registers }),
    leaderChanges: new Counter({
      name: "troupe_operator_leader_changes_total",
      help: "Times that this process acquired, lost or released the lease.",
      labelNames: ["change"],
      registers,
    }),
  };
}
