import { Counter, Histogram, type Registry } from "prom-client";

/** What the presenter measures beside what every stage does. Names and meaning stand in docs/metrics.md. */
export interface CompositorMetrics {
  readonly frameSeconds: Histogram;
  readonly frames: Counter<"outcome">;
  readonly latenessSeconds: Histogram;
  readonly offsetSeconds: Histogram;
  readonly clockResets: Counter;
  readonly outputChanges: Counter;
}

export function createCompositorMetrics(registry: Registry): CompositorMetrics {
  const registers = [registry];
  return {
    frameSeconds: new Histogram({
      name: "troupe_compositor_frame_seconds",
      help: "Time to draw, label and hand over one frame.",
      buckets: [0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.04, 0.08],
      registers,
    }),
    frames: new Counter({
      name: "troupe_compositor_frames_total",
      help: "Frames that were due, by outcome: drawn, or dropped because the machine or the encoder was behind.",
      labelNames: ["outcome"],
      registers,
    }),
    latenessSeconds: new Histogram({
      name: "troupe_compositor_lateness_seconds",
      help: "How long after its time a live tick was made.",
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.5],
      registers,
    }),
    offsetSeconds: new Histogram({
      name: "troupe_compositor_av_offset_seconds",
      help: "How much further the sound has left the encoders than the picture, at each live tick.",
      buckets: [-0.125, -0.08, -0.04, 0, 0.04, 0.08, 0.125, 0.25],
      registers,
    }),
    clockResets: new Counter({
      name: "troupe_compositor_clock_resets_total",
      help: "Times that a session's clock was set anew because it was too far behind to catch up.",
      registers,
    }),
    outputChanges: new Counter({
      name: "troupe_compositor_output_changes_total",
      help: "Times that the form of picture and sound changed within a session.",
      registers,
    }),
  };
}
