export { explainSubject } from "./explain-subject.ts";
export { createFleet, createFleetView, type Fleet, type FleetDeps, type FleetView } from "./fleet.ts";
export { addTenantMetrics, type TenantMetricsDeps } from "./tenant-metrics.ts";
