import { type Decision, decide, type Policy } from "../kube/decision.ts";
import { labelsMatch, specificity } from "./class-match.ts";
import type { AcceleratorClassView, DeviceAttribute, PartitionView, ResourceSliceDevice, ResourceSliceView } from "./cluster-view.ts";
import { type NodeScope, offerOf } from "./extended-resources.ts";
import type { Findings, Offer } from "./inventory.ts";
import { repels } from "./node-fitness.ts";
import { sharers, sharingRefusal, sharingSign } from "./sharing.ts";

/** The devices of one driver's pool on one node. */
export interface DevicePool {
  readonly driver: string;
  readonly pool: string;
  /** All slices of the newest generation are there. */
  readonly complete: boolean;
  readonly devices: readonly ResourceSliceDevice[];
}

/** Pools by node. Of each pool only the newest generation counts (ResourceSlice, resource.k8s.io/v1). Slices of no one node are left out. */
export function readSlices(slices: readonly ResourceSliceView[]): ReadonlyMap<string, readonly DevicePool[]> {
  const pools = new Map<string, ResourceSliceView["spec"][]>();
  for (const { spec } of slices) {
    if (!spec?.nodeName) continue;
    const key = JSON.stringify([spec.nodeName, spec.driver, spec.pool.name]);
    const same = pools.get(key) ?? [];
    const newest = same[0]?.pool.generation ?? -1;
    if (spec.pool.generation > newest) pools.set(key, [spec]);
    else if (spec.pool.generation === newest) same.push(spec);
  }
  const byNode = new Map<string, DevicePool[]>();
  for (const [key, specs] of [...pools].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [node, driver, pool] = JSON.parse(key) as [string, string, string];
    const complete = specs.length === specs[0]?.pool.resourceSliceCount;
    const devices = specs.flatMap((spec) => spec?.devices ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
    byNode.set(node, [...(byNode.get(node) ?? []), { driver, pool, complete, devices }]);
  }
  return byNode;
}

interface Candidate {
  readonly device: ResourceSliceDevice;
  readonly pool: DevicePool;
  readonly match: { readonly acceleratorClass: AcceleratorClassView; readonly partition: PartitionView | undefined } | undefined;
  readonly heldByOthers: boolean;
  readonly sharingSign: string | undefined;
}

const refusals: readonly Policy<Candidate>[] = [
  ({ pool }) =>
    pool.complete
      ? undefined
      : { reason: "PoolIncomplete", message: `the driver ${pool.driver} has not yet published all slices of pool ${pool.pool}` },
  ({ match, pool }) => (match ? undefined : { reason: "NoClass", message: `no class matches these devices of the driver ${pool.driver}` }),
  ({ device }) => {
    const taint = device.taints?.find(repels);
    return taint && { reason: "DeviceTainted", message: `the device has the taint ${taint.key}:${taint.effect}` };
  },
  ({ match, sharingSign: sign }) => match && sharingRefusal(match.acceleratorClass, sign),
  // A driver cuts such a partition when it is claimed. That would change the geometry, so only the whole device is counted.
  ({ match, device }) =>
    match?.partition && device.consumesCounters?.length
      ? {
          reason: "CutOnDemand",
          message: `the partition ${match.partition.name} does not exist until it is claimed; geometry is never changed`,
        }
      : undefined,
];

/** @returns the names of the classes whose devices were found here */
export function takeSlices(scope: NodeScope, pools: readonly DevicePool[], found: Findings): ReadonlySet<string> {
  const claimed = new Set<string>();
  for (const pool of pools) {
    for (const device of pool.devices) {
      const match = matchOf(scope, pool, device);
      if (match) claimed.add(match.acceleratorClass.name);
      const heldByOthers = scope.use?.devices?.includes(`${pool.driver}/${pool.pool}/${device.name}`) ?? false;
      const sign = match && sharingSign(scope.node, match.acceleratorClass);
      const refusal = decide(refusals, { device, pool, match, heldByOthers, sharingSign: sign });
      if (refusal) quarantine(scope, pool, match?.acceleratorClass.name, refusal, found);
      else if (match && !heldByOthers)
        addOffer(found.offers, offerOf(match.acceleratorClass, match.partition, sharers(match.acceleratorClass, sign)));
    }
  }
  return claimed;
}

function matchOf({ node, classes }: NodeScope, { driver }: DevicePool, device: ResourceSliceDevice): Candidate["match"] {
  const ofDriver = classes
    .filter(({ match }) => match.driver === driver && labelsMatch(node, match.nodeLabels))
    .sort((a, b) => specificity(b) - specificity(a) || (a.name < b.name ? -1 : 1));
  for (const acceleratorClass of ofDriver) {
    const partition = acceleratorClass.partitions.find((one) => one.deviceAttributes && attributesMatch(device, one.deviceAttributes));
    if (partition) return { acceleratorClass, partition };
    if (attributesMatch(device, acceleratorClass.match.deviceAttributes)) return { acceleratorClass, partition: undefined };
  }
  return undefined;
}

const attributesMatch = (device: ResourceSliceDevice, wanted: Readonly<Record<string, string>> = {}): boolean =>
  Object.entries(wanted).every(([name, value]) => attributeText(device.attributes?.[name]) === value);

const attributeText = (attribute: DeviceAttribute | undefined): string | undefined => {
  const value = attribute?.string ?? attribute?.version ?? attribute?.int ?? attribute?.bool;
  return value === undefined ? undefined : String(value);
};

/** Equal devices are one offer. */
function addOffer(offers: Offer[], offer: Offer): void {
  const at = offers.findIndex((one) => one.acceleratorClass === offer.acceleratorClass && one.shareKind === offer.shareKind);
  const same = offers[at];
  if (same) offers[at] = { ...same, count: same.count + 1 };
  else offers.push(offer);
}

/** Equal troubles of one pool are one entry. */
function quarantine(
  { node, site }: NodeScope,
  pool: DevicePool,
  acceleratorClass: string | undefined,
  why: Decision,
  { quarantined }: Findings,
): void {
  const at = quarantined.findIndex(
    (one) =>
      one.source === pool.driver && one.acceleratorClass === acceleratorClass && one.reason === why.reason && one.message === why.message,
  );
  const same = quarantined[at];
  if (same) quarantined[at] = { ...same, count: same.count + 1 };
  else quarantined.push({ node: node.metadata.name, site, acceleratorClass, source: pool.driver, count: 1, ...why });
}
