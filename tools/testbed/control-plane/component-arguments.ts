import { join } from "node:path";

export interface ComponentSettings {
  /** Absolute; holds pki/, kubeconfigs, logs and etcd's data. */
  readonly folder: string;
  readonly ports: {
    readonly etcd: number;
    readonly peer: number;
    readonly api: number;
    readonly controllers: number;
    readonly scheduler: number;
  };
  /** Address under which nodes and pods reach the API server; without it, it listens on loopback only. */
  readonly nodeFacingAddress?: string | undefined;
  /** Feature gates. */
  readonly features: Readonly<Record<string, boolean>>;
  /** `--runtime-config` of the API server, such as `resource.k8s.io/v1beta2=true`. */
  readonly runtimeConfig: readonly string[];
  readonly audit: boolean;
}

/** All Service addresses. */
export const serviceRange = "10.96.0.0/16";

const loopback = "127.0.0.1";

// State is thrown away with the process, so nothing is worth an fsync.
export function etcdArguments({ folder, ports }: ComponentSettings): string[] {
  const client = `http://${loopback}:${ports.etcd}`;
  const peer = `http://${loopback}:${ports.peer}`;
  return [
    ...["--data-dir", join(folder, "etcd"), "--unsafe-no-fsync", "--log-level", "warn"],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`],
  ];
}

export function apiServerArguments(settings: ComponentSettings): string[] {
  const { folder, ports, nodeFacingAddress, runtimeConfig, audit } = settings;
  const pki = (name: string) => join(folder, "pki", name);
  return [
    ...["--etcd-servers", `http://${loopback}:${ports.etcd}`, "--secure-port", String(ports.api)],
    ...["--bind-address", nodeFacingAddress ? "0.0.0.0" : loopback, "--advertise-address", nodeFacingAddress ?? loopback],
    ...["--endpoint-reconciler-type", nodeFacingAddress ? "lease" : "none"],
    ...["--tls-cert-file", pki("apiserver.crt"), "--tls-private-key-file", pki("apiserver.key"), "--client-ca-file", pki("ca.crt")],
    ...["--service-account-issuer", "https://kubernetes.default.svc"],
    ...["--service-account-key-file", pki("sa.pub"), "--service-account-signing-key-file", pki("sa.key")],
    ...["--service-cluster-ip-range", serviceRange, "--authorization-mode", "Node,RBAC", "--allow-privileged", "--profiling=false"],
    ...["--kubelet-preferred-address-types", "InternalIP"],
    ...["--kubelet-client-certificate", pki("admin.crt"), "--kubelet-client-key", pki("admin.key")],
    ...(audit ? ["--audit-policy-file", join(folder, "audit-policy.json"), "--audit-log-path", join(folder, "audit.jsonl")] : []),
    ...(audit ? ["--audit-log-mode", "blocking"] : []),
    ...(runtimeConfig.length > 0 ? ["--runtime-config", runtimeConfig.join(",")] : []),
    ...featureArguments(settings),
  ];
}

export function controllerManagerArguments(settings: ComponentSettings): string[] {
  const { folder, ports } = settings;
  return [
    ...["--kubeconfig", join(folder, "kcm.kubeconfig"), "--bind-address", loopback, "--secure-port", String(ports.controllers)],
    ...["--leader-elect=false", "--use-service-account-credentials", "--service-account-private-key-file", join(folder, "pki", "sa.key")],
    ...["--root-ca-file", join(folder, "pki", "ca.crt"), "--kube-api-qps", "500", "--kube-api-burst", "1000"],
    ...["--concurrent-deployment-syncs", "10", "--concurrent-replicaset-syncs", "20"],
    ...featureArguments(settings),
  ];
}

export function schedulerArguments(settings: ComponentSettings): string[] {
  const { folder, ports } = settings;
  return [
    ...["--kubeconfig", join(folder, "scheduler.kubeconfig"), "--bind-address", loopback, "--secure-port", String(ports.scheduler)],
    ...["--leader-elect=false", "--kube-api-qps", "1000", "--kube-api-burst", "2000"],
    ...featureArguments(settings),
  ];
}

export function featureArguments({ features }: Pick<ComponentSettings, "features">): string[] {
  const gates = Object.entries(features).map(([name, on]) => `${name}=${on}`);
  return gates.length > 0 ? ["--feature-gates", gates.join(",")] : [];
}
