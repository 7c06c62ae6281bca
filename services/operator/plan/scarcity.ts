import type { DeviceReserve } from "./device-reserve.ts";
import { type Ledger, placeKey } from "./ledger.ts";
import type { Shape } from "./units.ts";

/** How many times its price a place is worth: 1 or more. */
export type Scarcity = (site: string, shape: Shape) => number;

export const neverScarce: Scarcity = () => 1;

/**
 * The square of all places of a kind at a site over those left: who could run on another kind leaves the last ones to those who can't.
 * A price that rises with the load is what online routing uses (Awerbuch, Azar, Plotkin, "Throughput-Competitive On-Line Routing", 1993).
 */
export function createScarcity(ledger: Ledger, reserve: DeviceReserve): Scarcity {
  return (site, { acceleratorClass, shareKind }) => {
    const key = placeKey(acceleratorClass, shareKind);
    let all = 0;
    let left = 0;
    for (const state of ledger.hostsAt(site)) {
      const onCpu = shareKind === "cpu";
      all += onCpu ? state.host.millicores : (state.offers.get(key)?.offer.count ?? 0);
      left += onCpu ? Math.max(0, state.millicores - reserve(state).millicores) : (state.offers.get(key)?.left ?? 0);
    }
    return (Math.max(1, all) / Math.max(1, left)) ** 2;
  };
}
