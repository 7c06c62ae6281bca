import { join } from "node:path";
import type { Lan, NodeAddresses } from "../network/lan.ts";
import { enteredNetwork, firstChild } from "../network/namespaces.ts";
import type { DaemonGroup } from "../processes/daemon-group.ts";
import { execute } from "../processes/execute.ts";

/** Own processes, mounts, network and host name; everything in them ends with their first process. */
export interface NodeNamespaces {
  readonly addresses: NodeAddresses;
  /** The command that runs a program inside. */
  inside(...command: readonly string[]): [string, ...string[]];
  /** Kills the first process, and with it all others; those of this machine that started them see to their remains and end. */
  end(): void;
}

// What the kubelet sets: setupKernelTunables in pkg/kubelet/cm/container_manager_linux.go.
const sysctls = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

export interface NamespaceOptions {
  readonly name: string;
  readonly folder: string;
  /** Path of the program that becomes the first process. */
  readonly pause: string;
  readonly lan: Lan;
  readonly group: DaemonGroup;
}

export async function openNamespaces(options: NamespaceOptions, signal: AbortSignal): Promise<NodeNamespaces> {
  const { name, folder, pause, lan, group } = options;
  const own = ["--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];
  await group.start("node", ["unshare", ...own, "--", pause]);
  const outer = group.pids["node"] ?? -1;
  await enteredNetwork(outer, signal);
  const first = await firstChild(outer, signal);
  const addresses = await lan.connect(first, signal);
  const inside = (...command: readonly string[]): [string, ...string[]] => [
    "nsenter",
    ...["-t", String(first), "--mount", "--net", "--uts", "--ipc", "--pid", "--"],
    // nsenter forks to enter the process namespace: what it runs ends with it.
    ...["setpriv", "--pdeathsig", "KILL", "--"],
    ...command,
  ];
  const [program, ...args] = inside(join(import.meta.dirname, "prepare-node.sh"), folder, name, ...sysctls);
  await execute(program, args, { signal });
  return { addresses, inside, end: () => void process.kill(first, "SIGKILL") };
}
