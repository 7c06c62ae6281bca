import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestbedEnvironment, testbedEnvironment } from "../environment.ts";
import { type Lan, openLan } from "../network/lan.ts";
import { createDaemonGroup } from "../processes/daemon-group.ts";
import { execute } from "../processes/execute.ts";
import { freePort } from "../processes/free-port.ts";
import { ownName, removeLeftovers, writeOwner } from "../processes/leftovers.ts";
import { programPath } from "../programs/program-cache.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import type { ComponentSettings } from "./component-arguments.ts";
import { type Components, startApiServer, startComponents } from "./start-components.ts";
import { fillStateFolder } from "./state-folder.ts";

export interface ControlPlaneOptions {
  /** Absolute; made where missing, removed by close(). Default: a new folder among the temporary files. */
  readonly stateFolder?: string;
  /** Feature gates of all components. */
  readonly features?: Readonly<Record<string, boolean>>;
  /** APIs that are off by default, such as `resource.k8s.io/v1beta2=true`. */
  readonly runtimeConfig?: readonly string[];
  /** Write down every request, except for leases and events; default false. */
  readonly audit?: boolean;
  /** Open a network that nodes can join (see startNode); default false. Needs root. */
  readonly nodes?: boolean;
  /** Aborts the start; close() ends what runs. */
  readonly signal: AbortSignal;
  /** One line a step that takes long. */
  readonly log?: (line: string) => void;
  readonly environment?: TestbedEnvironment;
}

/** etcd, kube-apiserver, kube-controller-manager and kube-scheduler. Several may run side by side. */
export interface ControlPlane extends AsyncDisposable {
  readonly stateFolder: string;
  /** `https://<address>:<port>` */
  readonly url: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of the audit log, one audit.k8s.io/v1 Event a line; written only with `audit`. */
  readonly auditLog: string;
  /** Folder that holds kubectl, for a PATH. */
  readonly binFolder: string;
  readonly settings: ComponentSettings;
  readonly environment: TestbedEnvironment;
  /** There only with `nodes`. */
  readonly lan?: Lan | undefined;
  readonly api: ApiClient;
  /** Process ids by component. */
  readonly pids: Readonly<Record<string, number>>;
  /** @returns what kubectl printed @throws ServiceError BACKEND_FAILED with what it complained about */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Server-side apply of manifests. @param manifest YAML or JSON text, or objects */
  apply(manifest: string | readonly object[]): Promise<string>;
  /** Kills the API server; everything else runs on. */
  stopApiServer(): Promise<void>;
  /** Starts it on the same port with the same certificate, and waits until it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** Kills everything and removes the state. */
  close(): Promise<void>;
}

/**
 * Starts a control plane and waits until pods can be made in it.
 * @throws ServiceError TOOL_MISSING, BACKEND_FAILED with the log of what ended, DEADLINE, CANCELLED
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { signal, environment = testbedEnvironment(), log = () => undefined } = options;
  const kube = await programPath("kube", { ...environment, signal, log });
  await removeLeftovers(signal);
  const folder = options.stateFolder ?? (await mkdtemp(join(tmpdir(), ownName)));
  await mkdir(folder, { recursive: true });
  await writeOwner(folder);
  const group = createDaemonGroup(folder);
  let lan: Lan | undefined;
  const close = async () => {
    await group.close();
    await lan?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    if (options.nodes) lan = await openLan(folder, await programPath("pause", { ...environment, signal, log }), signal);
    const settings = await settingsOf(options, folder, lan?.hostAddress);
    const url = `https://127.0.0.1:${settings.ports.api}`;
    await fillStateFolder(folder, url, lan?.hostAddress, signal);
    const components: Components = { kube, settings, group, api: await createApiClient(url, join(folder, "pki")) };
    await startComponents(components, signal);
    return controlPlaneOf({ components, environment, url, lan, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function settingsOf(options: ControlPlaneOptions, folder: string, nodeFacingAddress: string | undefined): Promise<ComponentSettings> {
  const [etcd, peer, api, controllers, scheduler] = await Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()]);
  return {
    folder,
    ports: { etcd, peer, api, controllers, scheduler },
    nodeFacingAddress,
    features: options.features ?? {},
    runtimeConfig: options.runtimeConfig ?? [],
    audit: options.audit ?? false,
  };
}

interface ControlPlaneParts {
  readonly components: Components;
  readonly environment: TestbedEnvironment;
  readonly url: string;
  readonly lan: Lan | undefined;
  readonly close: () => Promise<void>;
}

function controlPlaneOf({ components, environment, url, lan, ...parts }: ControlPlaneParts): ControlPlane {
  const { kube, settings, group, api } = components;
  const { folder } = settings;
  const kubeconfig = join(folder, "admin.kubeconfig");
  // What runs outlives the signal of the start.
  const { signal } = new AbortController();

  async function runKubectl(args: readonly string[], input?: string): Promise<string> {
    const command = ["kubectl", "--kubeconfig", kubeconfig, "--cache-dir", join(folder, "kubectl-cache"), ...args];
    return (await execute(kube, command, { input, signal })).stdout;
  }
  const stop = () => group.stop("apiserver");
  const start = () => startApiServer(components, signal);
  async function close(): Promise<void> {
    api.close();
    await parts.close();
  }
  return {
    stateFolder: folder,
    url,
    kubeconfig,
    auditLog: join(folder, "audit.jsonl"),
    binFolder: dirname(kube),
    settings,
    environment,
    lan,
    api,
    get pids() {
      return group.pids;
    },
    kubectl: (...args) => runKubectl(args),
    apply: (manifest) => runKubectl(["apply", "--server-side", "-f", "-"], typeof manifest === "string" ? manifest : listOf(manifest)),
    stopApiServer: stop,
    startApiServer: start,
    async restartApiServer() {
      await stop();
      await start();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listOf(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
