import type { TestbedNode } from "./node.ts";

/** A folder on a node, that anybody may write, as a PersistentVolume: storage in a cluster that has no storage classes. */
export async function folderVolume(node: TestbedNode, name: string, gibibytes: number): Promise<object> {
  const path = `/var/lib/${name}`;
  await node.run("mkdir", "-p", "-m", "0777", path);
  const onNode = { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node.name] }] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: `${gibibytes}Gi` },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [onNode] } },
    },
  };
}
