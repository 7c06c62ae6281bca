import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AcceleratorClassView, NodeView, ResourceSliceDevice, ResourceSliceView } from "./cluster-view.ts";
import { type InventoryInput, takeInventory } from "./inventory.ts";
import { mebibytes, millicores, quantity } from "./quantity.ts";

const cpu: AcceleratorClassView = {
  ...{ name: "cpu", kind: "cpu", memoryMebibytes: 0, partitions: [], videoEncoders: 0, match: {}, pricePerHourMicros: 1 },
  sharing: { allowTimeSliced: false },
};
/** A maker's part with two encoders, cut into sevenths on some nodes. All that is particular to the maker stands in here. */
const big: AcceleratorClassView = {
  ...{ name: "big", kind: "gpu", memoryMebibytes: 80_000, videoEncoders: 2, pricePerHourMicros: 1 },
  match: { nodeLabels: { product: "big" }, resourceName: "maker.example/gpu" },
  partitions: [
    { name: "seventh", resourceName: "maker.example/part-1", memoryMebibytes: 10_000, perDevice: 7 },
    { name: "half", resourceName: "maker.example/part-3", memoryMebibytes: 40_000, perDevice: 2 },
  ],
  sharing: {
    allowTimeSliced: false,
    signs: [
      { label: "maker.example/sharing", exclusiveValues: ["none"] },
      { label: "maker.example/replicas", exclusiveValues: ["0", "1"] },
    ],
  },
};

function node(
  name: string,
  allocatable: Record<string, string>,
  more: { labels?: Record<string, string>; spec?: NodeView["spec"]; ready?: string } = {},
): NodeView {
  return {
    metadata: { name, labels: { zone: "a", product: "big", ...more.labels } },
    spec: more.spec ?? {},
    status: { allocatable: { cpu: "8", memory: "32Gi", ...allocatable }, conditions: [{ type: "Ready", status: more.ready ?? "True" }] },
  };
}

const take = (nodes: readonly NodeView[], more: Partial<InventoryInput> = {}) =>
  takeInventory({
    nodes,
    resourceSlices: [],
    classes: [cpu, big],
    sites: [{ name: "here", nodeSelector: { zone: "a" } }],
    foreign: [],
    tolerations: [],
    ...more,
  });

describe("an inventory of extended resources", () => {
  it("counts whole devices, the partitions that exist, and CPU", () => {
    const [host] = take([node("n1", { "maker.example/gpu": "2", "maker.example/part-1": "7", "maker.example/part-3": "1" })]).hosts;
    expect(host).toMatchObject({ site: "here", millicores: 8000, memoryMebibytes: 32 * 1024, cpuClass: "cpu", closed: undefined });
    expect(host?.offers).toEqual([
      { acceleratorClass: "big", shareKind: "whole", count: 2, memoryMebibytes: 80_000, videoEncoders: 2, fraction: 1 },
      { acceleratorClass: "big", shareKind: "partition:seventh", count: 7, memoryMebibytes: 10_000, videoEncoders: 0, fraction: 1 / 7 },
      { acceleratorClass: "big", shareKind: "partition:half", count: 1, memoryMebibytes: 40_000, videoEncoders: 1, fraction: 1 / 2 },
    ]);
  });

  it("leaves out what others hold", () => {
    const foreign = [{ node: "n1", millicores: 1500, memoryMebibytes: 1024, resources: { "maker.example/gpu": 1 } }];
    const [host] = take([node("n1", { "maker.example/gpu": "2" })], { foreign }).hosts;
    expect(host).toMatchObject({ millicores: 6500, memoryMebibytes: 31 * 1024, offers: [{ count: 1 }] });
  });

  it("quarantines devices that no class knows, whoever makes them, and says so", () => {
    const { hosts, quarantined } = take([
      node("n1", { "other.example/npu": "4", "hugepages-2Mi": "0", "attachable-volumes.kubernetes.io/x": "9" }),
    ]);
    expect(hosts[0]?.offers).toEqual([]);
    expect(quarantined).toMatchObject([{ source: "other.example/npu", count: 4, reason: "NoClass" }]);
  });

  it("quarantines shared devices by the signs that their class names", () => {
    for (const labels of [
      { "maker.example/sharing": "time-slicing" },
      { "maker.example/sharing": "mps" },
      { "maker.example/replicas": "4" },
    ]) {
      const { hosts, quarantined } = take([node("n1", { "maker.example/gpu": "8" }, { labels })]);
      expect(hosts[0]?.offers).toEqual([]);
      expect(quarantined).toMatchObject([{ acceleratorClass: "big", count: 8, reason: "TimeSliced" }]);
    }
    const plain = take([
      node("n1", { "maker.example/gpu": "8" }, { labels: { "maker.example/sharing": "none", "maker.example/replicas": "1" } }),
    ]);
    expect(plain.quarantined).toEqual([]);
  });

  it("uses shared devices of a class that opted in, only with its measurement", () => {
    const shared = [node("n1", { "maker.example/gpu": "8" }, { labels: { "maker.example/sharing": "mps" } })];
    const classes = (measuredSharesPerDevice?: number) => [
      { ...big, sharing: { ...big.sharing, allowTimeSliced: true, ...(measuredSharesPerDevice && { measuredSharesPerDevice }) } },
    ];
    expect(take(shared, { classes: classes() }).quarantined).toMatchObject([{ reason: "SharingNotMeasured" }]);
    expect(take(shared, { classes: classes(4) }).hosts[0]?.offers).toMatchObject([
      { count: 8, memoryMebibytes: 20_000, videoEncoders: 0, fraction: 1 / 4 },
    ]);
  });

  it("takes the class that asks for more, and neither of two that ask for as much", () => {
    const special = { ...big, name: "special", match: { nodeLabels: { product: "big", zone: "a" }, resourceName: "maker.example/gpu" } };
    const devices = [node("n1", { "maker.example/gpu": "1" })];
    expect(take(devices, { classes: [big, special] }).hosts[0]?.offers).toMatchObject([{ acceleratorClass: "special" }]);
    expect(take(devices, { classes: [big, { ...big, name: "twin" }] }).quarantined).toMatchObject([{ reason: "ClassAmbiguous" }]);
  });

  it("closes nodes that are cordoned, not ready, or tainted beyond what pods tolerate", () => {
    const taints = [{ key: "maker.example/gpu", value: "present", effect: "NoSchedule" }];
    const reasonOf = (one: NodeView, tolerations: InventoryInput["tolerations"] = []) =>
      take([one], { tolerations }).hosts[0]?.closed?.reason;
    expect(reasonOf(node("n1", {}, { spec: { unschedulable: true } }))).toBe("Cordoned");
    expect(reasonOf(node("n1", {}, { ready: "Unknown" }))).toBe("NotReady");
    expect(reasonOf(node("n1", {}, { spec: { taints } }))).toBe("Tainted");
    expect(reasonOf(node("n1", {}, { spec: { taints } }), [{ key: "maker.example/gpu", operator: "Exists" }])).toBeUndefined();
    expect(reasonOf(node("n1", {}, { spec: { taints } }), [{ key: "maker.example/gpu", value: "absent" }])).toBe("Tainted");
  });

  it("puts a node into the site that selects it most closely, and closes one that two select alike", () => {
    const sites = [
      { name: "all", nodeSelector: {} },
      { name: "here", nodeSelector: { zone: "a" } },
    ];
    expect(take([node("n1", {})], { sites }).hosts[0]).toMatchObject({ site: "here", closed: undefined });
    const twins = [...sites, { name: "there", nodeSelector: { product: "big" } }];
    expect(take([node("n1", {})], { sites: twins }).hosts[0]?.closed?.reason).toBe("SiteAmbiguous");
    expect(take([node("n1", {}, { labels: { zone: "b" } })]).hosts).toEqual([]);
  });
});

describe("an inventory of ResourceSlices", () => {
  const classes = [
    {
      ...big,
      match: { nodeLabels: {}, driver: "gpu.maker.example", deviceClassName: "whole", deviceAttributes: { type: "gpu" } },
      partitions: [
        {
          name: "seventh",
          deviceClassName: "seventh",
          deviceAttributes: { type: "part", profile: "1" },
          memoryMebibytes: 10_000,
          perDevice: 7,
        },
      ],
    },
  ];
  const slice = (
    generation: number,
    devices: readonly ResourceSliceDevice[],
    resourceSliceCount = 1,
    driver = "gpu.maker.example",
  ): ResourceSliceView => ({
    spec: { driver, nodeName: "n1", pool: { name: "n1", generation, resourceSliceCount }, devices },
  });
  const gpu = (name: string, more: Partial<ResourceSliceDevice> = {}): ResourceSliceDevice => ({
    name,
    attributes: { type: { string: "gpu" } },
    ...more,
  });
  const part = (name: string, more: Partial<ResourceSliceDevice> = {}): ResourceSliceDevice => ({
    name,
    attributes: { type: { string: "part" }, profile: { int: 1 } },
    ...more,
  });
  const found = (slices: readonly ResourceSliceView[], more: Partial<InventoryInput> = {}) =>
    take([node("n1", {})], { resourceSlices: slices, classes, ...more });

  it("counts devices and partitions by their attributes, of the newest generation", () => {
    const { hosts } = found([slice(1, [gpu("old-0"), gpu("old-1")]), slice(2, [gpu("gpu-0"), part("part-0"), part("part-1")])]);
    expect(hosts[0]?.offers).toMatchObject([
      { shareKind: "whole", count: 1 },
      { shareKind: "partition:seventh", count: 2 },
    ]);
  });

  it("waits for all slices of a pool", () => {
    expect(found([slice(1, [gpu("gpu-0")], 2)]).quarantined).toMatchObject([{ reason: "PoolIncomplete", count: 1 }]);
  });

  it("does not count partitions that a driver would cut on demand, nor tainted devices", () => {
    const onDemand = { consumesCounters: [{ counterSet: "gpu-0" }] };
    const { hosts, quarantined } = found([
      slice(1, [gpu("gpu-0", onDemand), part("part-0", onDemand), gpu("gpu-1", { taints: [{ key: "sick", effect: "NoExecute" }] })]),
    ]);
    expect(hosts[0]?.offers).toMatchObject([{ shareKind: "whole", count: 1 }]);
    expect(quarantined.map(({ reason }) => reason).sort()).toEqual(["CutOnDemand", "DeviceTainted"]);
  });

  it("leaves out devices that others have claimed, and quarantines drivers that no class knows", () => {
    const foreign = [{ node: "n1", millicores: 0, memoryMebibytes: 0, resources: {}, devices: ["gpu.maker.example/n1/gpu-0"] }];
    expect(found([slice(1, [gpu("gpu-0"), gpu("gpu-1")])], { foreign }).hosts[0]?.offers).toMatchObject([{ count: 1 }]);
    expect(found([slice(1, [gpu("x")], 1, "npu.other.example")]).quarantined).toMatchObject([
      { reason: "NoClass", source: "npu.other.example" },
    ]);
  });

  it("counts devices once that are shown both ways", () => {
    const both = classes.map((one) => ({ ...one, match: { ...one.match, resourceName: "maker.example/gpu" } }));
    const { hosts } = take([node("n1", { "maker.example/gpu": "1" })], { resourceSlices: [slice(1, [gpu("gpu-0")])], classes: both });
    expect(hosts[0]?.offers).toMatchObject([{ shareKind: "whole", count: 1 }]);
  });
});

describe("quantities", () => {
  it("read as Kubernetes writes them", () => {
    expect([
      millicores("1500m"),
      millicores("2"),
      millicores("0.1"),
      mebibytes("1Gi"),
      mebibytes("1500000k"),
      quantity("2e3"),
      quantity("many"),
    ]).toEqual([1500, 2000, 100, 1024, 1430, 2000, 0]);
  });

  it("never promise more than there is", () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (kibibytes) => {
        expect(mebibytes(`${kibibytes}Ki`) * 1024).toBeLessThanOrEqual(kibibytes);
      }),
    );
  });
});
