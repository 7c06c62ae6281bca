import { describe, expect, it } from "vitest";
import { takeInventory } from "../inventory/index.ts";
import { classObject } from "../testing/objects.ts";
import { classStatus } from "./class-status.ts";
import { classView } from "./class-view.ts";

interface TestNode {
  readonly gpus?: number;
  readonly mig?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly cordoned?: boolean;
}

const node = (name: string, { gpus, mig, labels = {}, cordoned = false }: TestNode) => ({
  metadata: { name, labels },
  spec: { unschedulable: cordoned },
  status: {
    allocatable: {
      cpu: "8",
      memory: "32Gi",
      ...(gpus !== undefined && { "nvidia.com/gpu": String(gpus) }),
      ...(mig !== undefined && { "nvidia.com/mig-1g.10gb": String(mig) }),
    },
    conditions: [{ type: "Ready", status: "True" }],
  },
});

const partitions = [{ name: "1g.10gb", resourceName: "nvidia.com/mig-1g.10gb", memoryMebibytes: 10_240, perDevice: 7 }];
const h100 = classObject("h100", { partitions, match: { resourceName: "nvidia.com/gpu", nodeLabels: { gpu: "h100" } } });
const { memoryMebibytes: _, ...cpuSpec } = classObject("cpu", { kind: "cpu", match: {}, executionProvider: "cpu" }).spec;
const cpu = { ...classObject("cpu"), spec: cpuSpec };

function look(one: typeof h100, nodes: readonly ReturnType<typeof node>[]) {
  const classes = [h100, cpu].map(classView);
  const sites = [{ name: "everywhere", nodeSelector: {} }];
  const inventory = takeInventory({ nodes, classes, sites, resourceSlices: [], foreign: [], tolerations: [] });
  const status = classStatus(one, inventory, 0);
  return {
    ...status,
    verdicts: Object.fromEntries((status.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`])),
  };
}

const labels = { gpu: "h100" };

describe("an accelerator class", () => {
  it("counts nodes, whole devices and partitions, and plans for none on a cordoned node", () => {
    const nodes = [
      node("a", { gpus: 8, labels }),
      node("b", { gpus: 8, labels, cordoned: true }),
      node("c", { mig: 14, labels }),
      node("d", {}),
    ];
    const { verdicts, ...status } = look(h100, nodes);
    expect(status).toMatchObject({ nodes: 3, devices: 16, allocatableDevices: 8, quarantinedDevices: 0 });
    expect(status.partitions).toEqual([{ name: "1g.10gb", allocatable: 14 }]);
    expect(verdicts).toEqual({ Matched: "True NodesFound", Quarantined: "False None" });
  });

  it("that no node shows says what it looks for", () => {
    const { verdicts, conditions } = look(h100, [node("d", {})]);
    expect(verdicts["Matched"]).toBe("False NoNodes");
    expect(conditions?.[0]?.message).toContain("nvidia.com/gpu");
  });

  it("of CPUs counts its nodes as devices", () => {
    expect(look(cpu as typeof h100, [node("a", {}), node("b", { cordoned: true })])).toMatchObject({
      nodes: 2,
      devices: 2,
      allocatableDevices: 1,
    });
  });
});
