export interface FakeNodeOptions {
  /** Beside `kubernetes.io/hostname` and `type=kwok`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Quantities by resource, over 64 CPUs, 512 GiB and 110 pods; such as `"nvidia.com/gpu": "8"`. */
  readonly capacity?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

const usualCapacity = { cpu: "64", memory: "512Gi", pods: "110" };

/** Marks the nodes that kwok plays. */
export const fakeNodeAnnotation = { "kwok.x-k8s.io/node": "fake" };

/** A Node object for kwok. */
export function fakeNode(name: string, { labels = {}, capacity = {}, taints = [] }: FakeNodeOptions): object {
  const resources = { ...usualCapacity, ...capacity };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: fakeNodeAnnotation,
      labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", type: "kwok", ...labels },
    },
    spec: { taints },
    status: { capacity: resources, allocatable: resources },
  };
}
