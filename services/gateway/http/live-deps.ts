import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { Access } from "../access/access.ts";
import type { Gateway } from "../gateway.ts";
import type { GatewayMetrics } from "../metrics.ts";

/** What every route of the gateway's HTTP server works with. */
export interface LiveDeps {
  readonly gateway: Gateway;
  readonly access: Access;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
}
