import { labelsMatch, specificity } from "./class-match.ts";
import type { AcceleratorClassView, ForeignUse, NodeView, PartitionView } from "./cluster-view.ts";
import type { Findings, Offer } from "./inventory.ts";
import { quantity } from "./quantity.ts";
import { partitionKind, wholeKind } from "./share.ts";
import { sharers, sharingRefusal, sharingSign } from "./sharing.ts";

export interface NodeScope {
  readonly node: NodeView;
  readonly site: string | undefined;
  readonly classes: readonly AcceleratorClassView[];
  readonly use: ForeignUse | undefined;
}

interface Match {
  readonly acceleratorClass: AcceleratorClassView;
  readonly partition: PartitionView | undefined;
}

/**
 * Devices that a device plugin advertises as extended resources, MIG resources among them.
 * @param claimed classes whose devices on this node came from ResourceSlices already: the same devices are not counted twice
 */
export function takeExtendedResources(scope: NodeScope, claimed: ReadonlySet<string>, found: Findings): void {
  for (const [resource, text] of Object.entries(scope.node.status?.allocatable ?? {}).sort()) {
    const count = Math.floor(quantity(text));
    if (count < 1 || !isDeviceResource(resource)) continue;
    const [best, rival] = matches(scope, resource);
    if (best && claimed.has(best.acceleratorClass.name)) continue;
    if (best && !(rival && specificity(rival.acceleratorClass) === specificity(best.acceleratorClass))) {
      takeMatched(scope, { resource, count, ...best }, found);
      continue;
    }
    const message = best
      ? `classes ${best.acceleratorClass.name} and ${rival?.acceleratorClass.name} both match ${resource}`
      : `no class matches ${resource} on node ${scope.node.metadata.name}`;
    quarantine(scope, { resource, count, className: undefined }, { reason: best ? "ClassAmbiguous" : "NoClass", message }, found);
  }
}

/** Resources of a device plugin have a domain; those of Kubernetes itself (hugepages, attachable volumes, kubernetes.io) are no devices. */
function isDeviceResource(resource: string): boolean {
  const slash = resource.indexOf("/");
  return slash > 0 && !/(^|\.)kubernetes\.io$/.test(resource.slice(0, slash));
}

function matches({ node, classes }: NodeScope, resource: string): Match[] {
  const all: Match[] = [];
  for (const acceleratorClass of classes) {
    if (!labelsMatch(node, acceleratorClass.match.nodeLabels)) continue;
    if (acceleratorClass.match.resourceName === resource) all.push({ acceleratorClass, partition: undefined });
    const partition = acceleratorClass.partitions.find(({ resourceName }) => resourceName === resource);
    if (partition) all.push({ acceleratorClass, partition });
  }
  return all.sort(
    (a, b) =>
      specificity(b.acceleratorClass) - specificity(a.acceleratorClass) || (a.acceleratorClass.name < b.acceleratorClass.name ? -1 : 1),
  );
}

interface Matched extends Match {
  readonly resource: string;
  readonly count: number;
}

function takeMatched(scope: NodeScope, matched: Matched, found: Findings): void {
  const { acceleratorClass, partition, resource, count } = matched;
  const sign = sharingSign(scope.node, acceleratorClass);
  const refusal = sharingRefusal(acceleratorClass, sign);
  if (refusal) return quarantine(scope, { resource, count, className: acceleratorClass.name }, refusal, found);
  const free = Math.max(0, count - (scope.use?.resources[resource] ?? 0));
  if (free > 0) found.offers.push({ ...offerOf(acceleratorClass, partition, sharers(acceleratorClass, sign)), count: free });
}

/** One whole device or partition of a class, divided by those who share it. */
export function offerOf(acceleratorClass: AcceleratorClassView, partition: PartitionView | undefined, sharedBy: number): Offer {
  const perDevice = Math.max(1, partition?.perDevice ?? 1) * sharedBy;
  return {
    acceleratorClass: acceleratorClass.name,
    shareKind: partition ? partitionKind(partition.name) : wholeKind,
    count: 1,
    memoryMebibytes: Math.floor((partition?.memoryMebibytes ?? acceleratorClass.memoryMebibytes) / sharedBy),
    // Encoders belong to the device: only where each part can have one of its own does each have it.
    videoEncoders: Math.floor(acceleratorClass.videoEncoders / perDevice),
    fraction: 1 / perDevice,
  };
}

function quarantine(
  { node, site }: NodeScope,
  { resource, count, className }: { readonly resource: string; readonly count: number; readonly className: string | undefined },
  decision: { readonly reason: string; readonly message: string },
  { quarantined }: Findings,
): void {
  quarantined.push({ node: node.metadata.name, site, acceleratorClass: className, source: resource, count, ...decision });
}
