import type { FleetView } from "../fleet/index.ts";
import type { DemandSource } from "./demand-source.ts";

type Heard = Pick<FleetView, "demand" | "replicas"> & { readonly connected: boolean };

/**
 * What the fleets of this cluster's sites say. While the bus is down, or was until just now, nothing is known: the demand of some sites
 * would be taken for that of all.
 */
export function createFleetSource(fleets: { all(): ReadonlyMap<string, Heard> }): DemandSource {
  return {
    demand() {
      const all = [...fleets.all()];
      if (!all.every(([, { connected }]) => connected)) return undefined;
      return all.flatMap(([site, fleet]) =>
        fleet
          .demand()
          // Rows without a stage tell of tenants' limits: more replicas would not help.
          .filter(({ stage }) => stage !== "")
          .map(({ tenant, pipeline, stage, active, refused }) => ({ site, tenant, pipeline, stage, active, refused })),
      );
    },
    replicas: () =>
      [...fleets.all().values()].flatMap((fleet) =>
        fleet.replicas().map(({ pool, stage, sessions, headroom, capacity }) => ({ pool, stage, sessions, headroom, capacity })),
      ),
  };
}
