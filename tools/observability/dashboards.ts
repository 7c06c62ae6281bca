import { ratioName } from "./rules.ts";
import { slos } from "./slos.ts";

interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  readonly unit: "short" | "s" | "percentunit" | "ops";
  readonly queries: readonly Query[];
}

/** A dashboard as people think of it: rows of panels; what Grafana wants besides is added below. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, readonly Panel[]>>;
}

const site = "troupe_dev_site";
const atSite = `{${site}=~"$site"}`;
const q = (expr: string, legend = ""): Query => ({ expr, legend });
const quantile = (part: number, metric: string, by: string, where = "") =>
  `histogram_quantile(${part}, sum by (le${by ? `, ${by}` : ""}) (rate(${metric}_bucket${where}[5m])))`;
const quantiles = (metric: string, by: string, where = ""): readonly Query[] =>
  [0.5, 0.95, 0.99].map((part) => q(quantile(part, metric, by, where), `p${part * 100}${by ? ` {{${by}}}` : ""}`));
const rate = (metric: string, by: string, where = "") => q(`sum by (${by}) (rate(${metric}${where}[5m]))`, `{{${by}}}`);
const panel = (title: string, unit: Panel["unit"], ...queries: readonly Query[]): Panel => ({ title, unit, queries });
/** Each operator tells it, the one that works and those that wait. */
const tenantSum = (what: "sessions" | "refused", by: string) =>
  `sum by (${by}) (max by (site, tenant, pipeline) (troupe_operator_tenant_${what}{tenant=~"$tenant"}))`;
const sites = `label_values(troupe_gateway_sessions, ${site})`;

export const dashboards: readonly Dashboard[] = [
  {
    uid: "troupe-fleet",
    title: "Troupe: fleet",
    variables: {},
    rows: {
      Promises: slos.map((slo) =>
        panel(
          slo.promise,
          "percentunit",
          q(ratioName(slo, "1h"), `1 h {{${site}}}`),
          q(`${1 - slo.objective} + 0 * ${ratioName(slo, "1h")}`, "budget"),
        ),
      ),
      Sessions: [
        panel("Sessions, by site", "short", q(`sum by (${site}) (troupe_gateway_sessions)`, `{{${site}}}`)),
        panel("Refusals, by reason", "ops", rate("troupe_gateway_refusals_total", "reason")),
        panel("Sessions at stages", "short", q("sum by (stage) (troupe_stage_sessions)", "{{stage}}")),
      ],
      Operator: [
        panel("Reconciles", "s", ...quantiles("troupe_operator_reconcile_seconds", "controller")),
        panel("Keys that wait", "short", q("sum by (controller) (troupe_operator_queue_depth)", "{{controller}}")),
        panel("Leaders", "short", q("sum(troupe_operator_leader)", "leaders")),
      ],
    },
  },
  {
    uid: "troupe-site",
    title: "Troupe: one site",
    variables: { site: sites },
    rows: {
      Sessions: [
        panel("Sessions, by gateway", "short", q(`sum by (pod) (troupe_gateway_sessions${atSite})`, "{{pod}}")),
        panel("Ended, by reason", "ops", rate("troupe_gateway_sessions_ended_total", "reason", atSite)),
        panel("Errors told, by reason", "ops", rate("troupe_gateway_errors_total", "reason", atSite)),
      ],
      Answers: [
        panel("From question to sound", "s", ...quantiles("troupe_gateway_response_start_seconds", "", atSite)),
        panel("Answers begun early", "ops", rate("troupe_gateway_speculations_total", "outcome", atSite)),
        panel("Steps of the output", "ops", rate("troupe_gateway_output_steps_total", "step", atSite)),
      ],
      Picture: [
        panel("Frames", "ops", rate("troupe_compositor_frames_total", "outcome", atSite)),
        panel("Lateness of ticks", "s", ...quantiles("troupe_compositor_lateness_seconds", "", atSite)),
        panel("Sound ahead of picture", "s", ...quantiles("troupe_compositor_av_offset_seconds", "", atSite)),
      ],
    },
  },
  {
    uid: "troupe-tenant",
    title: "Troupe: one tenant",
    variables: {
      tenant: "label_values(troupe_operator_tenant_sessions, tenant)",
      site: 'label_values(troupe_operator_tenant_sessions{tenant=~"$tenant"}, site)',
    },
    rows: {
      Sessions: [
        panel("Sessions, by pipeline", "short", q(tenantSum("sessions", "tenant, pipeline"), "{{tenant}} {{pipeline}}")),
        panel(
          "Of what it may hold",
          "percentunit",
          q(
            `${tenantSum("sessions", "tenant, pipeline")} / max by (tenant, pipeline) (troupe_operator_tenant_limit)`,
            "{{tenant}} {{pipeline}}",
          ),
        ),
        panel("Refused and waiting", "short", q(tenantSum("refused", "tenant, pipeline"), "{{tenant}} {{pipeline}}")),
      ],
      "Its sites": [
        panel("Sessions, by site", "short", q(tenantSum("sessions", "tenant, site"), "{{tenant}} {{site}}")),
        panel("Everybody's sessions there", "short", q(`sum by (${site}) (troupe_gateway_sessions${atSite})`, `{{${site}}}`)),
        panel("Everybody's refusals there", "ops", rate("troupe_gateway_refusals_total", "reason", atSite)),
      ],
      "Everybody's answers there": [
        panel("From question to sound", "s", ...quantiles("troupe_gateway_response_start_seconds", "", atSite)),
        panel("Errors told, by reason", "ops", rate("troupe_gateway_errors_total", "reason", atSite)),
        panel("Steps of the output", "ops", rate("troupe_gateway_output_steps_total", "step", atSite)),
      ],
    },
  },
  {
    uid: "troupe-stage",
    title: "Troupe: one stage",
    variables: { site: sites, stage: "label_values(troupe_stage_sessions, stage)" },
    rows: {
      Load: [
        panel(
          "Sessions, by pool",
          "short",
          q(`sum by (troupe_dev_pool) (troupe_stage_sessions{${site}=~"$site", stage=~"$stage"})`, "{{troupe_dev_pool}}"),
        ),
        panel("Sessions, by replica", "short", q(`sum by (pod) (troupe_stage_sessions{${site}=~"$site", stage=~"$stage"})`, "{{pod}}")),
        panel("Refusals", "ops", rate("troupe_stage_refusals_total", "reason", `{${site}=~"$site", stage=~"$stage"}`)),
      ],
      Work: [
        panel("First output", "s", ...quantiles("troupe_stage_first_output_seconds", "", `{${site}=~"$site", stage=~"$stage"}`)),
        panel("Streams, by outcome", "ops", rate("troupe_stage_streams_total", "outcome", `{${site}=~"$site", stage=~"$stage"}`)),
        panel("Packets, by edge", "ops", rate("troupe_edge_packets_total", "edge", atSite)),
        panel("Written again, by edge", "ops", rate("troupe_edge_resends_total", "edge", atSite)),
      ],
    },
  },
];

const columns = 3;
const width = 24 / columns;
const height = 8;

/** JSON that Grafana imports. */
export function grafanaOf({ uid, title, variables, rows }: Dashboard): string {
  let y = 0;
  let id = 0;
  const panels = Object.entries(rows).flatMap(([name, inRow]) => {
    const row = { id: ++id, type: "row", title: name, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] };
    const placed = inRow.map((one, index) => {
      const gridPos = { x: (index % columns) * width, y: y + 1 + Math.floor(index / columns) * height, w: width, h: height };
      return { id: ++id, ...timeSeries(one), gridPos };
    });
    y += 1 + Math.ceil(inRow.length / columns) * height;
    return [row, ...placed];
  });
  const list = Object.entries(variables).map(([name, query]) => ({
    name,
    type: "query",
    datasource,
    query: { query, refId: name },
    refresh: 2,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  }));
  const source = { name: "datasource", type: "datasource", query: "prometheus" };
  const dashboard = {
    uid,
    title,
    tags: ["troupe"],
    schemaVersion: 39,
    editable: true,
    time: { from: "now-3h", to: "now" },
    refresh: "30s",
    templating: { list: [source, ...list] },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const datasource = { type: "prometheus", uid: "${datasource}" };

const timeSeries = ({ title, unit, queries }: Panel) => ({
  type: "timeseries",
  title,
  datasource,
  fieldConfig: { defaults: { unit, min: unit === "s" ? undefined : 0 }, overrides: [] },
  targets: queries.map(({ expr, legend }, index) => ({ refId: String.fromCharCode(65 + index), datasource, expr, legendFormat: legend })),
});
