import { join } from "node:path";
import type { NodeAddresses } from "../network/lan.ts";
import { containerdSocket } from "./containerd-config.ts";

/** Of the cluster's name service: the tenth Service address, as usual. */
export const dnsServiceAddress = "10.96.0.10";

export interface KubeletSettings {
  readonly folder: string;
  readonly address: string;
  /** The cgroup under which everything of this node runs. */
  readonly cgroup: string;
  /** File of the authority that signed the API server's client certificate. */
  readonly authority: string;
  readonly features: Readonly<Record<string, boolean>>;
}

// What differs from the defaults, and why: limits of disk space and evictions would act on the machine, not on the node; control groups
// are managed without systemd, of either version; nobody but the API server's certificate comes in.
export function kubeletConfig(settings: KubeletSettings): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: settings.address,
    healthzBindAddress: "127.0.0.1",
    readOnlyPort: 0,
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${settings.cgroup}`,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false }, x509: { clientCAFile: settings.authority } },
    authorization: { mode: "AlwaysAllow" },
    clusterDNS: [dnsServiceAddress],
    clusterDomain: "cluster.local",
    resolvConf: "",
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    localStorageCapacityIsolation: false,
    enableControllerAttachDetach: false,
    volumePluginDir: join(settings.folder, "volume-plugins"),
    nodeStatusUpdateFrequency: "5s",
    featureGates: settings.features,
  };
}

/** Pods reach each other and the machines by their own addresses; nothing is translated. */
export function cniConfig(folder: string, { podRange }: NodeAddresses): object {
  const ipam = { type: "host-local", dataDir: join(folder, "ipam"), ranges: [[{ subnet: podRange }]], routes: [{ dst: "0.0.0.0/0" }] };
  return {
    cniVersion: "0.4.0",
    name: "testbed",
    plugins: [
      { type: "ptp", ipMasq: false, ipam },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}
