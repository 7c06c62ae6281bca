import { monitorEventLoopDelay } from "node:perf_hooks";

const everyMs = 250;

/** What every process of the simulation tells the one that started it. */
export interface SimulationStatus {
  /** The longest that it could not run so far: the machine had no time for it. Beats are missed from 400 ms on. */
  readonly stalledMs: number;
}

/** Tells it again and again. */
export function tellStatus(more: () => object = () => ({})): void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  setInterval(() => process.send?.({ ...more(), stalledMs: Math.round(delay.max / 1e6) }), everyMs);
}
