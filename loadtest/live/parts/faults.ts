import { once } from "node:events";
import { startNatsProcess, startServiceProcess } from "@troupe/troupe";
import { httpPort, type LivePlatform, root } from "../platform/live-platform.ts";
import type { Network } from "../protocol/network.ts";

export interface FaultContext {
  readonly platform: LivePlatform;
  /** Of each client. */
  readonly networks: readonly Network[];
}

export interface Fault {
  readonly name: string;
  /** What the people do when it happens: they listen to an answer, have just asked, or are asking aloud. */
  readonly amid: "listening" | "asked" | "speaking";
  /** How long they are watched from its beginning. */
  readonly watchMs: number;
  /** Resolves when what was broken is whole again. */
  inflict(context: FaultContext): Promise<void>;
}

const watchMs = 12_000;
/** It loads its models for some seconds. */
const asrWatchMs = 20_000;
const outageMs = 10_000;
const natsDownMs = 1000;

const noFault: Fault = { name: "none", amid: "listening", watchMs: 8_000, inflict: () => Promise.resolve() };

const kill = (stage: string, amid: Fault["amid"], forMs = watchMs): Fault => ({
  name: `${stage} killed`,
  amid,
  watchMs: forMs,
  async inflict({ platform }) {
    const running = platform.service(`${stage}-1`);
    running.child.kill("SIGKILL");
    platform.replace(await startServiceProcess(stage, running.name, startOptions(platform)));
  },
});

export const cutNetwork: Fault = {
  name: `one client without network for ${outageMs / 1000} s`,
  amid: "listening",
  watchMs: outageMs + watchMs,
  async inflict({ networks }) {
    const [first] = networks;
    first?.cut();
    await new Promise((resolve) => setTimeout(resolve, outageMs));
    first?.restore();
  },
};

const restartNats: Fault = {
  name: `nats-server killed, back after ${natsDownMs / 1000} s`,
  amid: "listening",
  watchMs,
  async inflict({ platform }) {
    const { port, pid } = platform.nats();
    process.kill(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, natsDownMs));
    const { child } = await startNatsProcess(port, startOptions(platform));
    platform.replaceNats({ port, pid: child.pid ?? 0 });
  },
};

/** The only gateway: its sessions are gone from memory, and come back from their records. */
const killGateway: Fault = {
  name: "gateway killed",
  amid: "listening",
  watchMs,
  async inflict({ platform, networks }) {
    const running = platform.service(platform.running.gateway.name);
    running.child.kill("SIGKILL");
    await startGateway(running.name, platform, networks);
  },
};

/** A new gateway starts, new connections are led to it, and the old one drains. */
const rollGateway: Fault = {
  name: "gateway rolled",
  amid: "listening",
  watchMs,
  async inflict({ platform, networks }) {
    const old = platform.service(platform.running.gateway.name);
    await startGateway("gateway-2", platform, networks);
    const exited = once(old.child, "exit");
    old.child.kill("SIGTERM");
    await exited;
  },
};

async function startGateway(name: string, platform: LivePlatform, networks: readonly Network[]): Promise<void> {
  platform.replace(await startServiceProcess("gateway", name, startOptions(platform)));
  const port = httpPort(platform.runDir, name);
  if (port !== undefined) for (const network of networks) network.lead(port);
}

const startOptions = ({ runDir, running }: LivePlatform) => ({ root, runDir, env: running.env, detached: false });

/** Rolling last: what comes after it would meet another gateway. */
export const faults: readonly Fault[] = [
  noFault,
  kill("asr", "speaking", asrWatchMs),
  kill("llm", "asked"),
  kill("tts", "listening"),
  kill("face", "listening"),
  kill("compositor", "listening"),
  cutNetwork,
  restartNats,
  killGateway,
  rollGateway,
];
