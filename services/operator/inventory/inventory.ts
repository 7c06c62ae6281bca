import { labelsMatch, specificity } from "./class-match.ts";
import type { AcceleratorClassView, ForeignUse, NodeView, ResourceSliceView, SiteView, Toleration } from "./cluster-view.ts";
import { takeExtendedResources } from "./extended-resources.ts";
import { nodeTrouble, siteOf } from "./node-fitness.ts";
import { mebibytes, millicores } from "./quantity.ts";
import { readSlices, takeSlices } from "./resource-slices.ts";

/** Equal places for packs on one machine: whole devices, or partitions of one kind. */
export interface Offer {
  readonly acceleratorClass: string;
  /** `whole` or `partition:<name>`, as shareKind() writes it. */
  readonly shareKind: string;
  /** How many there are for us: allocatable less what others hold. */
  readonly count: number;
  /** Memory of each. */
  readonly memoryMebibytes: number;
  /** Hardware video encoders that come with each. */
  readonly videoEncoders: number;
  /** The part of a device that each is: price and time are counted with it. */
  readonly fraction: number;
}

/** A machine of a site. */
export interface Host {
  readonly node: string;
  readonly site: string;
  /** For us: allocatable less what others hold. */
  readonly millicores: number;
  readonly memoryMebibytes: number;
  /** The class that its CPU belongs to; undefined: none matched, so no CPU packs go here. */
  readonly cpuClass: string | undefined;
  readonly offers: readonly Offer[];
  /** Why nothing new may go here; what runs here is drained. */
  readonly closed: { readonly reason: string; readonly message: string } | undefined;
}

/** Devices that are there but not used, and why. */
export interface Quarantine {
  readonly node: string;
  readonly site: string | undefined;
  readonly acceleratorClass: string | undefined;
  /** The extended resource or DRA driver that shows them. */
  readonly source: string;
  readonly count: number;
  readonly reason: string;
  readonly message: string;
}

export interface Inventory {
  readonly hosts: readonly Host[];
  readonly quarantined: readonly Quarantine[];
}

export interface InventoryInput {
  readonly nodes: readonly NodeView[];
  readonly resourceSlices: readonly ResourceSliceView[];
  readonly classes: readonly AcceleratorClassView[];
  readonly sites: readonly SiteView[];
  readonly foreign: readonly ForeignUse[];
  /** Taints that stage pods tolerate. */
  readonly tolerations: readonly Toleration[];
}

/** What is found of one machine's devices. */
export interface Findings {
  readonly offers: Offer[];
  readonly quarantined: Quarantine[];
}

/**
 * The machines of this cluster's sites with what they offer. Pure; the result is sorted by node, so equal input gives equal output.
 * Geometry (MIG and the like) is counted as it is. Devices that no class knows, or that are shared, are quarantined.
 */
export function takeInventory(input: InventoryInput): Inventory {
  const slices = readSlices(input.resourceSlices);
  const foreign = new Map(input.foreign.map((use) => [use.node, use]));
  const hosts: Host[] = [];
  const quarantined: Quarantine[] = [];
  for (const node of [...input.nodes].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const name = node.metadata.name;
    const site = siteOf(node, input.sites);
    const use = foreign.get(name);
    const scope = { node, site: site?.name, classes: input.classes, use };
    const found: Findings = { offers: [], quarantined: [] };
    const claimed = takeSlices(scope, slices.get(name) ?? [], found);
    takeExtendedResources(scope, claimed, found);
    quarantined.push(...found.quarantined);
    if (!site) continue;
    const allocatable = node.status?.allocatable ?? {};
    hosts.push({
      node: name,
      site: site.name,
      millicores: Math.max(0, millicores(allocatable["cpu"]) - (use?.millicores ?? 0)),
      memoryMebibytes: Math.max(0, mebibytes(allocatable["memory"]) - (use?.memoryMebibytes ?? 0)),
      cpuClass: cpuClassOf(node, input.classes),
      offers: found.offers,
      closed: nodeTrouble(node, input.tolerations) ?? site.trouble,
    });
  }
  return { hosts, quarantined };
}

/** The CPU class with the most labels that all match; equally many: the first by name. */
function cpuClassOf(node: NodeView, classes: readonly AcceleratorClassView[]): string | undefined {
  const matching = classes.filter(({ kind, match }) => kind === "cpu" && labelsMatch(node, match.nodeLabels));
  return matching.sort((a, b) => specificity(b) - specificity(a) || (a.name < b.name ? -1 : 1))[0]?.name;
}
