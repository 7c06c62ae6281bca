export { type OperatorConfig, operatorConfig } from "./config.ts";
export { addTenantMetrics, type TenantMetricsDeps } from "./fleet/index.ts";
export { createOperatorMetrics, type OperatorMetrics } from "./kube/index.ts";
export * as plan from "./plan/index.ts";
export { runOperator } from "./service.ts";
