import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ruleGroups, rulesFile } from "./rules.ts";
import { slos } from "./slos.ts";

// Budget: about 10 s of promtool.

const promtool = join(import.meta.dirname, "../../.tools/bin/promtool");
const execute = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-rules-"));
  await writeFile(join(folder, "rules.yaml"), rulesFile());
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Counted {
  readonly series: string;
  /** Of a thousand things that happen in a minute. */
  readonly perMinute: (badOfThousand: number) => number;
}

/** The counters of each promise, as a site counts them of which so many of a thousand are bad. */
const counters: Readonly<Record<string, readonly Counted[]>> = {
  sessions_admitted: [
    { series: 'troupe_gateway_refusals_total{reason="NO_CAPACITY"}', perMinute: (bad) => bad },
    { series: 'troupe_gateway_refusals_total{reason="LIMIT_REACHED"}', perMinute: () => 500 },
    { series: 'troupe_gateway_sessions_opened_total{kind="new"}', perMinute: (bad) => 900 - bad },
    { series: 'troupe_gateway_sessions_opened_total{kind="adopted"}', perMinute: () => 100 },
  ],
  responses_start: [
    { series: 'troupe_gateway_response_start_seconds_bucket{le="1.2"}', perMinute: (bad) => 1000 - bad },
    { series: "troupe_gateway_response_start_seconds_count", perMinute: () => 1000 },
  ],
  streams_finish: [
    { series: 'troupe_stage_streams_total{stage="tts",outcome="STAGE_FAILED"}', perMinute: (bad) => bad },
    { series: 'troupe_stage_streams_total{stage="tts",outcome="ok"}', perMinute: (bad) => 900 - bad },
    { series: 'troupe_stage_streams_total{stage="tts",outcome="cancelled"}', perMinute: () => 100 },
    { series: 'troupe_stage_streams_total{stage="asr",outcome="ok"}', perMinute: () => 5000 },
  ],
  frames_drawn: [
    { series: 'troupe_compositor_frames_total{outcome="dropped"}', perMinute: (bad) => bad },
    { series: 'troupe_compositor_frames_total{outcome="drawn"}', perMinute: (bad) => 1000 - bad },
  ],
  lips_match: [
    { series: 'troupe_compositor_av_offset_seconds_bucket{le="-0.125"}', perMinute: (bad) => Math.floor(bad / 2) },
    { series: 'troupe_compositor_av_offset_seconds_bucket{le="0.04"}', perMinute: (bad) => 1000 - Math.ceil(bad / 2) },
    { series: "troupe_compositor_av_offset_seconds_count", perMinute: () => 1000 },
  ],
};

type Series = readonly { readonly series: string; readonly values: string }[];

const steady = (name: string, badOfThousand: number): Series =>
  (counters[name] ?? []).map(({ series, perMinute }) => ({ series, values: `0+${perMinute(badOfThousand)}x300` }));

/** Severities of the alerts that Prometheus fires for the series at a time. */
async function firing(alert: string, series: Series, time: string): Promise<readonly string[]> {
  const file = join(folder, "test.yaml");
  const groups = ruleGroups().filter(({ rules }) => rules.some((rule) => rule.alert === alert));
  await writeFile(join(folder, "alert.yaml"), stringify({ groups }, { aliasDuplicateObjects: false }));
  const group = { interval: "1m", input_series: series, alert_rule_test: [{ eval_time: time, alertname: alert, exp_alerts: [] }] };
  await writeFile(file, stringify({ rule_files: ["alert.yaml"], evaluation_interval: "1m", tests: [group] }));
  const answer = await execute(promtool, ["test", "rules", file]).catch((error: { stdout: string; stderr: string }) => error);
  // Against the expectation that nothing fires, promtool lists what does.
  const text = `${answer.stdout}${answer.stderr}`;
  if (!/SUCCESS|got:\[/u.test(text)) throw new Error(text);
  return [...text.matchAll(/severity="(\w+)".*?window="(\w+)"|severity="(\w+)"/gu)].map(([, severity, window, alone]) =>
    window ? `${severity} ${window}` : (alone ?? ""),
  );
}

it("promtool accepts the rules", async () => {
  const { stdout } = await execute(promtool, ["check", "rules", join(folder, "rules.yaml")]);
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/u);
});

describe.each(slos)("$alert", ({ name, alert, objective }) => {
  const budget = Math.round((1 - objective) * 1000);
  const badAt = (rate: number) => Math.min(950, Math.ceil(rate * budget));

  it("is silent while the promise is kept", async () => {
    expect(await firing(alert, steady(name, Math.floor(budget / 2)), "4h")).toEqual([]);
  });

  it("pages when the budget burns fast, and says so over every window", async () => {
    const fired = await firing(alert, steady(name, badAt(15)), "2h");
    expect(fired).toContain("page 1h");
    expect(fired).toContain("page 6h");
    expect(fired).toContain("ticket 3d");
  });

  it("opens a ticket, and wakes nobody, when it burns slowly", async () => {
    expect(await firing(alert, steady(name, badAt(2)), "4h")).toEqual(["ticket 3d"]);
  });

  it("is silent before anything was counted", async () => {
    expect(await firing(alert, [], "2h")).toEqual([]);
  });
});

describe("TroupeSessionsRefused", () => {
  it("pages where every single session is refused from the first minute on", async () => {
    const series = [{ series: 'troupe_gateway_refusals_total{reason="NO_REPLICA"}', values: "0+10x200" }];
    expect(await firing("TroupeSessionsRefused", series, "2h")).toContain("page 1h");
  });

  it("stops paging within minutes after all is well again", async () => {
    const series = [
      { series: 'troupe_gateway_refusals_total{reason="NO_CAPACITY"}', values: "0+1000x120 120000+0x60" },
      { series: 'troupe_gateway_sessions_opened_total{kind="new"}', values: "0+1000x180" },
    ];
    expect(await firing("TroupeSessionsRefused", series, "119m")).toContain("page 1h");
    expect(await firing("TroupeSessionsRefused", series, "127m")).not.toContain("page 1h");
  });
});

describe("states", () => {
  it.each([
    ["TroupeGatewayGone", [], ["page"]],
    ["TroupeGatewayGone", [{ series: "troupe_gateway_sessions", values: "0x60" }], []],
    ["TroupeOperatorLeaderless", [{ series: 'troupe_operator_leader{pod="a"}', values: "0x60" }], ["ticket"]],
    ["TroupeOperatorLeaderless", [], ["ticket"]],
    [
      "TroupeOperatorLeaderless",
      [
        { series: 'troupe_operator_leader{pod="a"}', values: "0x60" },
        { series: 'troupe_operator_leader{pod="b"}', values: "1x60" },
      ],
      [],
    ],
  ] as const)("%s, case %#", async (alert, series, expected) => {
    expect(await firing(alert, series, "30m")).toEqual(expected);
  });
});
