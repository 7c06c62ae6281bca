import type { Report } from "@troupe/report";

export interface PartContext {
  /** Drains that are driven. */
  readonly drains: number;
  /** Simulated nodes of the part `reconcile`. */
  readonly nodes: number;
  /** How long operator and API server are away. */
  readonly minutes: number;
  /** Of everything that happens at random. */
  readonly seed: number;
  readonly step: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What a part contributes to out/cluster.json, by top-level key. */
export type Figures = Readonly<Record<string, unknown>>;

export interface PartResult {
  readonly figures: Figures;
  readonly report: Report;
}

/** One thing that is measured, runnable alone; it starts a cluster of its own. */
export interface Part {
  readonly name: string;
  readonly description: string;
  /** It is cut off then. */
  readonly limitS: (context: Pick<PartContext, "drains" | "nodes" | "minutes">) => number;
  run(context: PartContext): Promise<PartResult>;
}
