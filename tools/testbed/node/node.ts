import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { createClient } from "../control-plane/state-folder.ts";
import type { ImageArchive } from "../images/buildah.ts";
import { programImage } from "../images/program-image.ts";
import type { Lan } from "../network/lan.ts";
import { createDaemonGroup, type DaemonGroup } from "../processes/daemon-group.ts";
import { execute } from "../processes/execute.ts";
import { ownName } from "../processes/leftovers.ts";
import { waitFor } from "../processes/wait-for.ts";
import { programPath } from "../programs/program-cache.ts";
import { createCgroups, removeCgroups } from "./cgroups.ts";
import { applyClusterDns } from "./cluster-dns.ts";
import { containerdConfig, containerdSocket } from "./containerd-config.ts";
import { placeImageStore } from "./image-store.ts";
import { cniConfig, kubeletConfig } from "./node-config.ts";
import { type NodeNamespaces, openNamespaces } from "./node-namespaces.ts";

export interface NodeOptions {
  /** A DNS label; unique in the cluster. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Images that pods can use; nothing is pulled from outside. */
  readonly images?: readonly ImageArchive[];
  readonly signal: AbortSignal;
  readonly log?: (line: string) => void;
}

/** A machine of the cluster: containerd, kubelet and kube-proxy in namespaces of their own. */
export interface TestbedNode extends AsyncDisposable {
  readonly name: string;
  /** Reached from this machine, as the addresses of its pods are. */
  readonly address: string;
  /** Adds images for its pods. */
  load(images: readonly ImageArchive[], signal: AbortSignal): Promise<void>;
  /** Runs a program among the node's processes, mounts and networks. @returns what it printed */
  run(...command: readonly string[]): Promise<string>;
  /** As a power cut: every process ends at once, nobody says goodbye to the API server. Removes what the node kept. */
  close(): Promise<void>;
}

/**
 * Adds a real node and waits until it is Ready; the first one runs the cluster's DNS as well.
 * @throws ServiceError TOOL_MISSING, INVALID_REQUEST when the control plane was started without `nodes`, BACKEND_FAILED, DEADLINE, CANCELLED
 */
export async function startNode(controlPlane: ControlPlane, options: NodeOptions): Promise<TestbedNode> {
  const { name, signal, log = () => undefined } = options;
  const { lan, stateFolder, environment } = controlPlane;
  if (!lan) throw new ServiceError("INVALID_REQUEST", "start the control plane with nodes: true");
  const programs = { ...environment, signal, log };
  const [pause, ownImages] = await Promise.all([
    programPath("pause", programs),
    Promise.all([programImage("pause", programs), programImage("coredns", programs)]),
  ]);
  const folder = join(stateFolder, `node-${name}`);
  const cgroup = `${ownName}${process.pid}-${createHash("sha256").update(folder).digest("hex").slice(0, 6)}-${name}`;
  await mkdir(folder, { recursive: true });
  const group = createDaemonGroup(folder);
  let namespaces: NodeNamespaces | undefined;
  const close = async () => {
    if (namespaces) namespaces.end();
    else await group.stop("node");
    await group.ended();
    await removeCgroups(cgroup, AbortSignal.timeout(60_000));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await createCgroups(cgroup);
    namespaces = await openNamespaces({ name, folder, pause, lan, group }, signal);
    const parts: NodeParts = { options, controlPlane, lan, folder, cgroup, group, namespaces };
    await startRuntime(parts, ownImages);
    await startKubernetes(parts);
    await applyClusterDns(controlPlane, ownImages[1].reference);
    await waitFor(`node ${name}`, () => isReady(controlPlane, name, signal), {
      signal,
      limitMs: 120_000,
      daemons: group.running,
      pollMs: 100,
    });
    return nodeOf(parts, close);
  } catch (error) {
    await close();
    throw error;
  }
}

interface NodeParts {
  readonly options: NodeOptions;
  readonly controlPlane: ControlPlane;
  readonly lan: Lan;
  readonly folder: string;
  readonly cgroup: string;
  readonly group: DaemonGroup;
  readonly namespaces: NodeNamespaces;
}

async function startRuntime(parts: NodeParts, [pause, dns]: readonly [ImageArchive, ImageArchive]): Promise<void> {
  const { options, controlPlane, folder, group, namespaces } = parts;
  const { signal, log = () => undefined, images = [] } = options;
  const root = join(folder, "containerd");
  const all = [pause, dns, ...images];
  await mkdir(join(folder, "cni"));
  await writeFile(join(folder, "cni", "10-testbed.conflist"), JSON.stringify(cniConfig(folder, namespaces.addresses)));
  const importInto = async (store: string) => {
    await startContainerd(parts, store, pause.reference);
    await loadImages(parts, all, signal);
    await group.stop("containerd");
    const gone = async () => !(await containerdAnswers(parts, signal).catch(() => false));
    await waitFor("the end of containerd", gone, { signal, limitMs: 20_000 });
  };
  await placeImageStore(all, root, { cacheDir: controlPlane.environment.cacheDir, importInto, signal, log });
  await startContainerd(parts, root, pause.reference);
}

async function startContainerd(parts: NodeParts, root: string, pauseImage: string): Promise<void> {
  const { options, folder, group, namespaces } = parts;
  const config = join(folder, "containerd.toml");
  await writeFile(config, containerdConfig(root, join(folder, "cni"), pauseImage));
  await group.start("containerd", namespaces.inside("containerd", "--config", config));
  const { signal } = options;
  await waitFor("containerd", () => containerdAnswers(parts, signal), { signal, limitMs: 60_000, daemons: group.running });
}

async function containerdAnswers(parts: NodeParts, signal: AbortSignal): Promise<boolean> {
  return Boolean(await runInside(parts, signal, "ctr", "--address", containerdSocket, "version"));
}

async function startKubernetes({ options, controlPlane, lan, folder, cgroup, group, namespaces }: NodeParts): Promise<void> {
  const { name, labels = {}, signal } = options;
  const { settings, stateFolder } = controlPlane;
  const kube = await programPath("kube", { ...controlPlane.environment, signal, log: () => undefined });
  const url = `https://${lan.hostAddress}:${settings.ports.api}`;
  const [kubelet, proxy] = await Promise.all([
    createClient(stateFolder, { name: `node-${name}`, subject: `/O=system:nodes/CN=system:node:${name}` }, url, signal),
    createClient(stateFolder, { name: `proxy-${name}`, subject: "/CN=system:kube-proxy" }, url, signal),
  ]);
  const config = join(folder, "kubelet.json");
  const authority = join(stateFolder, "pki", "ca.crt");
  const { address } = namespaces.addresses;
  await writeFile(config, JSON.stringify(kubeletConfig({ folder, address, cgroup, authority, features: settings.features })));
  const shownLabels = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  await group.start(
    "kubelet",
    namespaces.inside(
      ...[kube, "kubelet", "--config", config, "--kubeconfig", kubelet, "--root-dir", join(folder, "kubelet")],
      ...["--cert-dir", join(folder, "kubelet-pki"), "--node-ip", address, "--hostname-override", name],
      ...["--node-labels", shownLabels.join(",")],
    ),
  );
  await group.start(
    "kube-proxy",
    namespaces.inside(
      ...[kube, "kube-proxy", "--kubeconfig", proxy, "--proxy-mode", "iptables", "--cluster-cidr", lan.range, "--hostname-override", name],
      ...["--conntrack-max-per-core", "0", "--conntrack-tcp-timeout-established", "0s", "--conntrack-tcp-timeout-close-wait", "0s"],
      ...["--healthz-bind-address", "127.0.0.1:10256", "--metrics-bind-address", "127.0.0.1:10249"],
    ),
  );
}

function nodeOf(parts: NodeParts, close: () => Promise<void>): TestbedNode {
  const { signal } = new AbortController();
  return {
    name: parts.options.name,
    address: parts.namespaces.addresses.address,
    load: (images, loadSignal) => loadImages(parts, images, loadSignal),
    run: (...command) => runInside(parts, signal, ...command),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function loadImages(parts: NodeParts, images: readonly ImageArchive[], signal: AbortSignal): Promise<void> {
  for (const { path } of images)
    await runInside(parts, signal, "ctr", "--address", containerdSocket, "-n", "k8s.io", "images", "import", path);
}

async function runInside({ namespaces }: NodeParts, signal: AbortSignal, ...command: readonly string[]): Promise<string> {
  const [program, ...args] = namespaces.inside(...command);
  return (await execute(program, args, { signal })).stdout;
}

async function isReady({ api }: ControlPlane, name: string, signal: AbortSignal): Promise<boolean> {
  const { status } = await api.request<{ status: { conditions: { type: string; status: string }[] } }>(
    { path: `/api/v1/nodes/${name}` },
    signal,
  );
  return status.conditions.some(({ type, status: value }) => type === "Ready" && value === "True");
}
