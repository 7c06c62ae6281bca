import { dashboards, grafanaOf } from "./dashboards.ts";
import { rulesFile } from "./rules.ts";
import { turnsDashboard } from "./turns-dashboard.ts";

const folder = "charts/troupe/files/observability";

/** Rules of Prometheus and dashboards of Grafana, by path in the repository. */
export const observabilityFiles = (): ReadonlyMap<string, string> =>
  new Map([
    [`${folder}/rules.yaml`, rulesFile()],
    [`${folder}/dashboards/troupe-turns.json`, turnsDashboard()],
    ...dashboards.map((dashboard) => [`${folder}/dashboards/${dashboard.uid}.json`, grafanaOf(dashboard)] as const),
  ]);
