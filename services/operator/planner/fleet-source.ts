import type { Fleet } from "../fleet/index.ts";
import type { DemandSource } from "./demand-source.ts";

/** What the fleet of one site says. While the bus is down, or was until just now, nothing is known. */
export function createFleetSource(fleet: Pick<Fleet, "connected" | "demand" | "replicas">, site: string): DemandSource {
  return {
    demand: () =>
      fleet.connected
        ? fleet.demand().map(({ pipeline, stage, active, refused }) => ({ site, pipeline, stage, active, refused }))
        : undefined,
    replicas: () =>
      fleet.replicas().map(({ pool, stage, sessions, headroom, capacity }) => ({ pool, stage, sessions, headroom, capacity })),
  };
}
