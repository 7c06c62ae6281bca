/**
 * One promise and how it is counted. `bad` and `all` are rates over a window: `$window` stands for its length, and labels that a
 * sum keeps are those of `by`.
 */
export interface Slo {
  /** In names of rules: letters and underscores. */
  readonly name: string;
  /** UpperCamelCase, in names of alerts. */
  readonly alert: string;
  readonly promise: string;
  /** Part of all that must be good, below 1. */
  readonly objective: number;
  readonly by: readonly string[];
  readonly bad: string;
  readonly all: string;
  /** Without extension, under docs/runbooks. */
  readonly runbook: string;
}

const site = "troupe_dev_site";
const rate = (by: readonly string[], series: string) => `sum by (${by.join(", ")}) (rate(${series}[$window]))`;

/** Refusals that the platform answers for; others are the caller's (keys, limits, unknown avatars …). */
const platformReasons =
  "NO_CAPACITY|NO_REPLICA|NOT_READY|DRAINING|QUEUE_FULL|PEER_UNAVAILABLE|BUS_DISCONNECTED|STORE_UNAVAILABLE|DEADLINE|INTERNAL";
const refusals = `troupe_gateway_refusals_total{reason=~"${platformReasons}"}`;

export const slos: readonly Slo[] = [
  {
    name: "sessions_admitted",
    alert: "TroupeSessionsRefused",
    promise: "Who may open a session gets one.",
    objective: 0.99,
    by: [site],
    bad: rate([site], refusals),
    // "or", because one of the two may never have been counted; their labels differ.
    all: `sum by (${site}) (rate(${refusals}[$window]) or rate(troupe_gateway_sessions_opened_total[$window]))`,
    runbook: "sessions-refused",
  },
  {
    name: "responses_start",
    alert: "TroupeResponsesLate",
    promise: "An answer is heard within 1.2 s after its question.",
    objective: 0.95,
    by: [site],
    bad: `(${rate([site], "troupe_gateway_response_start_seconds_count")} - ${rate([site], 'troupe_gateway_response_start_seconds_bucket{le="1.2"}')})`,
    all: rate([site], "troupe_gateway_response_start_seconds_count"),
    runbook: "responses-late",
  },
  {
    name: "streams_finish",
    alert: "TroupeStageFails",
    promise: "What a stage begins it finishes.",
    objective: 0.995,
    by: ["stage", site],
    bad: rate(["stage", site], 'troupe_stage_streams_total{outcome!~"ok|cancelled"}'),
    all: rate(["stage", site], "troupe_stage_streams_total"),
    runbook: "stage-fails",
  },
  {
    name: "frames_drawn",
    alert: "TroupeFramesDropped",
    promise: "Frames that are due are drawn.",
    objective: 0.99,
    by: [site],
    bad: rate([site], 'troupe_compositor_frames_total{outcome!="drawn"}'),
    all: rate([site], "troupe_compositor_frames_total"),
    runbook: "frames-dropped",
  },
  {
    name: "lips_match",
    alert: "TroupeSoundAndPictureApart",
    promise: "Sound is less than 40 ms ahead of the picture, and less than 125 ms behind (after ITU-R BT.1359).",
    objective: 0.99,
    by: [site],
    bad: `(${rate([site], "troupe_compositor_av_offset_seconds_count")} - (${rate([site], 'troupe_compositor_av_offset_seconds_bucket{le="0.04"}')} - ${rate([site], 'troupe_compositor_av_offset_seconds_bucket{le="-0.125"}')}))`,
    all: rate([site], "troupe_compositor_av_offset_seconds_count"),
    runbook: "sound-and-picture-apart",
  },
];
