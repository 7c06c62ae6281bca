import type { Site } from "@troupe/kinds";
import { createFleet, type Fleet, type FleetDeps } from "../fleet/index.ts";
import type { Informer } from "../kube/index.ts";

/** What is said at each site of this cluster. They share a bus; each has subjects of its own. */
export interface LocalFleets extends Disposable {
  /** undefined: the site is in another cluster, or there is none. */
  of(site: string): Fleet | undefined;
  /** By site. */
  all(): ReadonlyMap<string, Fleet>;
  /** Calls back as each site's {@link Fleet.onPoolChange} does. @returns what ends it */
  onPoolChange(handler: (pool: string) => void): () => void;
}

export interface LocalFleetsDeps extends FleetDeps {
  readonly sites: Pick<Informer<Site>, "on">;
}

/**
 * Listens to the operator's own site and to every Site that is some nodes of this cluster. One that is deleted is heard on: its pods may
 * still serve somebody.
 */
export function createLocalFleets({ sites, ...deps }: LocalFleetsDeps, own: string): LocalFleets {
  const handlers = new Set<(pool: string) => void>();
  const fleets = new Map<string, Fleet>();
  const listen = (site: string) => {
    if (fleets.has(site)) return;
    const fleet = createFleet(deps, site);
    fleet.onPoolChange((pool) => {
      for (const handler of handlers) handler(pool);
    });
    fleets.set(site, fleet);
  };
  listen(own);
  const end = sites.on(({ type, object }) => {
    if (type !== "deleted" && object.spec.cluster === "") listen(object.metadata.name);
  });
  return {
    of: (site) => fleets.get(site),
    all: () => fleets,
    onPoolChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    [Symbol.dispose]() {
      end();
      handlers.clear();
      for (const fleet of fleets.values()) fleet[Symbol.dispose]();
    },
  };
}
