import type { AcceleratorClass, AcceleratorClassStatus } from "@troupe/kinds";
import { type Host, type Inventory, partitionKind, type Quarantine, wholeKind } from "../inventory/index.ts";
import { conditionsOf, decide, type Policy, type Statement } from "../kube/index.ts";

/** What the cluster shows of one class. */
export interface ClassSighting {
  readonly acceleratorClass: AcceleratorClass;
  readonly hosts: readonly Host[];
  readonly quarantined: readonly Quarantine[];
}

const say = (type: string, status: Statement["status"], reason: string, message: string): Statement => ({ type, status, reason, message });

const noNodes: readonly Policy<ClassSighting>[] = [
  ({ quarantined }) =>
    quarantined.length > 0 ? { reason: "AllQuarantined", message: "every device of the class is quarantined" } : undefined,
  ({ acceleratorClass: { spec } }) => ({
    reason: "NoNodes",
    message: `no node shows ${Object.entries(spec.match ?? {})
      .map(([what, value]) => `${what} ${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(", ")}`,
  }),
];

/** Counts and conditions of a class; pure. */
export function classStatus(acceleratorClass: AcceleratorClass, inventory: Inventory, utcNowMs: number): AcceleratorClassStatus {
  const { name } = acceleratorClass.metadata;
  const hosts = inventory.hosts.filter((host) => host.cpuClass === name || host.offers.some((offer) => offer.acceleratorClass === name));
  const quarantined = inventory.quarantined.filter((one) => one.acceleratorClass === name);
  const open = hosts.filter((host) => host.closed === undefined);
  const cpu = acceleratorClass.spec.kind === "cpu";
  const count = (among: readonly Host[], kind: string) =>
    cpu && kind === wholeKind
      ? among.length
      : sum(among.flatMap((host) => host.offers.filter((one) => one.acceleratorClass === name && one.shareKind === kind)));
  const quarantinedDevices = sum(quarantined);
  const devices = count(hosts, wholeKind) + quarantinedDevices;
  const nodes = new Set([...hosts, ...quarantined].map(({ node }) => node)).size;
  const sighting = { acceleratorClass, hosts, quarantined };
  const missing = hosts.length === 0 ? decide(noNodes, sighting) : undefined;
  const statements = [
    missing
      ? say("Matched", "False", missing.reason, missing.message)
      : say(
          "Matched",
          "True",
          "NodesFound",
          `${hosts.length} nodes, ${count(open, wholeKind)} of ${devices} whole devices can be planned for`,
        ),
    quarantineOf(quarantined),
  ];
  return {
    observedGeneration: acceleratorClass.metadata.generation ?? 0,
    conditions: conditionsOf(acceleratorClass, statements, utcNowMs),
    nodes,
    devices,
    allocatableDevices: count(open, wholeKind),
    quarantinedDevices,
    partitions: acceleratorClass.spec.partitions.map((partition) => ({
      name: partition.name,
      allocatable: count(open, partitionKind(partition.name)),
    })),
  };
}

const sum = (counted: readonly { readonly count: number }[]) => counted.reduce((total, one) => total + one.count, 0);
const shownQuarantines = 3;

function quarantineOf(quarantined: readonly Quarantine[]): Statement {
  const [first] = quarantined;
  if (!first) return say("Quarantined", "False", "None", "no device is quarantined");
  const shown = quarantined.slice(0, shownQuarantines).map(({ node, message }) => `${node}: ${message}`);
  const rest = quarantined.length - shown.length;
  return say("Quarantined", "True", first.reason, `${shown.join("; ")}${rest > 0 ? `; and ${rest} more nodes` : ""}`);
}
