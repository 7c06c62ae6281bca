import { ServiceError } from "@troupe/errors";
import { createDaemonGroup } from "../processes/daemon-group.ts";
import { execute } from "../processes/execute.ts";
import { enteredNetwork } from "./namespaces.ts";

/**
 * A switch between this machine and the nodes of one test bed: a bridge in a network namespace of its own, so that it vanishes with the
 * process that holds that. Its range is a /20 of 198.18.0.0/15, which RFC 2544 keeps for tests; of its sixteen /24s the first holds
 * addresses of machines, each other one the pods of a node. A node answers ARP for its pods, so nobody needs routes to them.
 */
export interface Lan extends AsyncDisposable {
  /** Of this machine, as nodes and pods see it. */
  readonly hostAddress: string;
  /** All addresses of machines and pods, `<address>/20`. */
  readonly range: string;
  /** Gives the network namespace of a process an interface `eth0`, and a node's addresses. @throws ServiceError LIMIT_REACHED after 15 */
  connect(pid: number, signal: AbortSignal): Promise<NodeAddresses>;
  close(): Promise<void>;
}

export interface NodeAddresses {
  readonly address: string;
  /** `<address>/24` */
  readonly podRange: string;
}

const rangeCount = 32;
const maxNodes = 15;

/** @param folder for the log of the process that holds it @param pause path of a program that does nothing */
export async function openLan(folder: string, pause: string, signal: AbortSignal): Promise<Lan> {
  const group = createDaemonGroup(folder);
  try {
    await group.start("lan", ["unshare", "--net", "--", pause]);
    const holder = String(group.pids["lan"]);
    await enteredNetwork(Number(holder), signal);
    const { device, third } = await claimRange(holder, signal);
    const address = (offset: number, host: number) => `198.${18 + Math.floor(third / 256)}.${(third % 256) + offset}.${host}`;
    const hostAddress = address(0, 1);
    await inLan(holder, "ip link add bridge type bridge; ip link set bridge up; ip link set host master bridge up", signal);
    await execute("ip", ["link", "set", device, "up"], { signal });
    await execute("ip", ["address", "add", `${hostAddress}/20`, "dev", device], { signal });
    let nodes = 0;
    const close = async () => {
      // It would go with the namespace, but only some time after.
      await execute("ip", ["link", "delete", device], { signal: AbortSignal.timeout(10_000) });
      await group.close();
    };
    return {
      hostAddress,
      range: `${address(0, 0)}/20`,
      async connect(pid, connectSignal) {
        if (nodes === maxNodes) throw new ServiceError("LIMIT_REACHED", `a test bed has addresses for ${maxNodes} nodes`);
        nodes += 1;
        const node = { address: address(0, 10 + nodes), podRange: `${address(nodes, 0)}/24` };
        const port = `node${nodes}`;
        const add = `ip link add ${port} type veth peer name eth0 netns ${pid}; ip link set ${port} master bridge up`;
        await inLan(holder, add, connectSignal);
        const configure = `ip link set lo up; ip link set eth0 up; ip address add ${node.address}/20 dev eth0; ip route add default via ${hostAddress}`;
        await execute("nsenter", ["-t", String(pid), "--net", "--", "sh", "-eu", "-c", configure], { signal: connectSignal });
        return node;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await group.close();
    throw error;
  }
}

// The name of the interface claims the range: the kernel lets only one of a name be made.
async function claimRange(holder: string, signal: AbortSignal): Promise<{ readonly device: string; readonly third: number }> {
  for (let index = 0; index < rangeCount; index++) {
    const device = `troupe-tb${index}`;
    const made = await execute("ip", ["link", "add", device, "type", "veth", "peer", "name", "host", "netns", holder], { signal }).then(
      () => true,
      (error: unknown) => {
        if (String(error).includes("File exists")) return false;
        throw error;
      },
    );
    if (made) return { device, third: index * 16 };
  }
  throw new ServiceError("LIMIT_REACHED", `${rangeCount} test beds with nodes run already`);
}

async function inLan(holder: string, script: string, signal: AbortSignal): Promise<void> {
  await execute("nsenter", ["-t", holder, "--net", "--", "sh", "-eu", "-c", script], { signal });
}
