import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dashboards, grafanaOf } from "./dashboards.ts";
import { ruleGroups } from "./rules.ts";
import { spanNames, turnsDashboard } from "./turns-dashboard.ts";

const root = join(import.meta.dirname, "../..");
const documented = new Set(
  [...readFileSync(join(root, "docs/metrics.md"), "utf8").matchAll(/^\| `(troupe_\w+)`/gmu)].map(([, name]) => name ?? ""),
);
const rules = ruleGroups().flatMap((group) => group.rules);
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

/** Metrics that an expression reads; those of a histogram by its own name. Labels of targets are not metrics. */
const metricsIn = (expression: string) =>
  [...expression.replaceAll(/troupe_dev_\w+/gu, "").matchAll(/\btroupe[_:][\w:]+/gu)].map(([name]) =>
    name.replace(/_(bucket|count|sum)$/u, ""),
  );
const unknown = (expressions: readonly string[]) =>
  [...new Set(expressions.flatMap(metricsIn))].filter((name) => !documented.has(name) && !recorded.has(name));

describe("rules", () => {
  it("read only metrics that there are", () => {
    expect(documented.size).toBeGreaterThan(15);
    expect(unknown(rules.map(({ expr }) => expr))).toEqual([]);
    expect(unknown(["rate(troupe_gateway_wonders_total[5m])"])).toEqual(["troupe_gateway_wonders_total"]);
  });

  it("say for every alert what to do, on a page that there is and that names it", () => {
    const alerts = rules.filter(({ alert }) => alert);
    expect(alerts.length).toBeGreaterThan(15);
    for (const { alert, annotations, labels } of alerts) {
      const page = join(root, annotations?.runbook_url ?? "");
      expect(existsSync(page), page).toBe(true);
      expect(readFileSync(page, "utf8").split("\n")[0]).toContain(alert);
      expect(["page", "ticket"]).toContain(labels?.severity);
    }
  });
});

describe("dashboards", () => {
  it.each(dashboards)("$uid reads only metrics that there are", (dashboard) => {
    const queries = Object.values(dashboard.rows).flatMap((row) => row.flatMap((panel) => panel.queries.map(({ expr }) => expr)));
    expect(queries.length).toBeGreaterThan(8);
    expect(unknown([...queries, ...Object.values(dashboard.variables)])).toEqual([]);
  });

  it.each(dashboards)("$uid has no panel over another", (dashboard) => {
    const { panels } = JSON.parse(grafanaOf(dashboard)) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe("the timeline of a turn", () => {
  it("asks for spans and attributes that the code sets", () => {
    const source = ["services/gateway/session/utterances.ts", "libs/stage/keyed-stage.ts"]
      .map((path) => readFileSync(join(root, path), "utf8"))
      .join("");
    expect(source).toContain(`startSpan("${spanNames.turn}"`);
    for (const attribute of [spanNames.stage, spanNames.outcome]) expect(source).toContain(`"${attribute}"`);
    for (const name of Object.values(spanNames)) expect(turnsDashboard()).toContain(name);
  });
});
