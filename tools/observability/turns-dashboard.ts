/** Names by which the dashboard finds spans; the code that starts them has the same (a test says so). */
export const spanNames = { turn: "turn", stage: "troupe.stage", outcome: "troupe.outcome" } as const;

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const datasource = { type: "tempo", uid: "${traces}" };

const search = (query: string) => [{ refId: "A", datasource, queryType: "traceql", query, limit: 50, tableType: "traces" }];

/**
 * One turn's timeline, stage by stage, from its trace: what happened within it is in no metric, because no label may hold a session.
 * Slow and failed turns are listed; a click on one puts it in the timeline.
 */
export function turnsDashboard(): string {
  const place = (y: number, x: number, w: number, h: number) => ({ x, y, w, h });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of Grafana
  const links = [{ title: "its timeline", url: "/d/troupe-turns?var-trace=${__value.raw}&${__url_time_range}" }];
  const table = (id: number, title: string, query: string, x: number) => ({
    id,
    type: "table",
    title,
    datasource,
    gridPos: place(0, x, 12, 10),
    targets: search(query),
    fieldConfig: {
      defaults: {},
      overrides: [{ matcher: { id: "byName", options: "Trace ID" }, properties: [{ id: "links", value: links }] }],
    },
  });
  const dashboard = {
    uid: "troupe-turns",
    title: "Troupe: one turn",
    tags: ["troupe"],
    schemaVersion: 39,
    editable: true,
    time: { from: "now-1h", to: "now" },
    templating: {
      list: [
        { name: "traces", type: "datasource", query: "tempo" },
        { name: "slower", type: "textbox", query: "2s", current: { text: "2s", value: "2s" } },
        { name: "trace", type: "textbox", query: "", current: { text: "", value: "" } },
      ],
    },
    panels: [
      table(1, "Turns slower than $slower", `{ name = "${spanNames.turn}" && traceDuration > $slower }`, 0),
      table(2, "Stages that did not finish", `{ span.${spanNames.stage} != nil && span.${spanNames.outcome} !~ "ok|cancelled" }`, 12),
      {
        id: 3,
        type: "traces",
        title: "Timeline",
        datasource,
        gridPos: place(10, 0, 24, 18),
        targets: [{ refId: "A", datasource, queryType: "traceql", query: "$trace" }],
      },
    ],
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
