import { join } from "node:path";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { createDaemonGroup } from "../processes/daemon-group.ts";
import { freePort } from "../processes/free-port.ts";
import { waitFor } from "../processes/wait-for.ts";
import { programPath } from "../programs/program-cache.ts";
import { type FakeNodeOptions, fakeNode, fakeNodeAnnotation } from "./fake-node.ts";

export interface KwokOptions {
  readonly signal: AbortSignal;
  readonly log?: (line: string) => void;
}

export interface FakeNodesOptions extends FakeNodeOptions {
  /** Names are `<prefix>-<number>`, from 0; default fake. */
  readonly prefix?: string;
  /** Default 0; for further nodes of the same prefix. */
  readonly firstNumber?: number;
}

/** Plays nodes, and the pods that are bound to them, without running anything. */
export interface Kwok extends AsyncDisposable {
  readonly pid: number;
  /** Creates nodes and waits until all are Ready. @returns their names */
  addFakeNodes(count: number, options: FakeNodesOptions, signal: AbortSignal): Promise<readonly string[]>;
  /** The nodes stay in the API and turn NotReady by and by, as if they had lost their power. */
  close(): Promise<void>;
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly conditions?: readonly NodeCondition[] };
  }[];
}

interface NodeCondition {
  readonly type: string;
  readonly status: string;
}

const parallelRequests = 16;

/** @throws ServiceError BACKEND_FAILED with kwok's log, DEADLINE, CANCELLED */
export async function startKwok(controlPlane: ControlPlane, { signal, log = () => undefined }: KwokOptions): Promise<Kwok> {
  const { api, environment, stateFolder, kubeconfig } = controlPlane;
  const group = createDaemonGroup(stateFolder);
  const kwok = await programPath("kwok", { ...environment, signal, log });
  const port = await freePort();
  const selector = Object.entries(fakeNodeAnnotation).map(([key, value]) => `${key}=${value}`);
  await group.start("kwok", [
    kwok,
    ...["--config", join(import.meta.dirname, "stages.yaml"), "--kubeconfig", kubeconfig],
    ...["--manage-nodes-with-annotation-selector", selector.join(","), "--node-lease-duration-seconds", "40"],
    ...["--cidr", "10.128.0.0/12", "--node-ip", "10.112.0.1", "--server-address", `127.0.0.1:${port}`],
  ]);
  const close = () => group.close();
  return {
    pid: group.pids["kwok"] ?? -1,
    async addFakeNodes(count, options, addSignal) {
      const { prefix = "fake", firstNumber = 0 } = options;
      const names = Array.from({ length: count }, (_, index) => `${prefix}-${firstNumber + index}`);
      const waiting = names.values();
      const create = async () => {
        for (const name of waiting) await api.request({ method: "POST", path: "/api/v1/nodes", body: fakeNode(name, options) }, addSignal);
      };
      await Promise.all(Array.from({ length: parallelRequests }, create));
      const limits = { signal: addSignal, limitMs: 30_000 + 100 * count, daemons: group.running, pollMs: 200 };
      await waitFor(`${count} fake nodes`, async () => containsAll(await readyNodes(controlPlane, addSignal), names), limits);
      return names;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function readyNodes({ api }: ControlPlane, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { items } = await api.request<NodeList>({ path: "/api/v1/nodes" }, signal);
  const ready = items.filter(({ status }) => status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"));
  return new Set(ready.map(({ metadata }) => metadata.name));
}

function containsAll(found: ReadonlySet<string>, names: readonly string[]): boolean {
  return names.every((name) => found.has(name));
}
