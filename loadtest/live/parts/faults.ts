import { once } from "node:events";
import { startNatsProcess, startServiceProcess } from "@troupe/troupe";
import type { PartContext } from "../part.ts";
import { httpPort, root } from "../platform/live-platform.ts";
import type { ProtocolClient } from "../protocol/protocol-client.ts";

export interface FaultContext extends Pick<PartContext, "platform"> {
  readonly clients: readonly ProtocolClient[];
}

export interface Fault {
  readonly name: string;
  /** Resolves when what was broken is whole again. @returns for each client, milliseconds until it was connected again; none for those that stayed */
  inflict(context: FaultContext): Promise<readonly (number | undefined)[]>;
}

const outageMs = 10_000;
const natsDownMs = 1000;

const restart = (stage: string): Fault => ({
  name: `${stage} killed`,
  async inflict({ platform }) {
    const running = platform.service(`${stage}-1`);
    running.child.kill("SIGKILL");
    platform.replace(
      await startServiceProcess(stage, running.name, { root, runDir: platform.runDir, env: platform.running.env, detached: false }),
    );
    return [];
  },
});

export const cutNetwork: Fault = {
  name: `one client without network for ${outageMs / 1000} s`,
  async inflict({ clients }) {
    const [first] = clients;
    first?.drop();
    await new Promise((resolve) => setTimeout(resolve, outageMs));
    return [await first?.resume()];
  },
};

const restartNats: Fault = {
  name: "nats-server killed",
  async inflict({ platform }) {
    const { port, pid } = platform.nats();
    process.kill(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, natsDownMs));
    const { child } = await startNatsProcess(port, { root, runDir: platform.runDir, env: platform.running.env, detached: false });
    platform.replaceNats({ port, pid: child.pid ?? 0 });
    return [];
  },
};

/** A new gateway starts, the old one drains: clients come back at the new address when they are told to, or cut off. */
const rollGateway: Fault = {
  name: "gateway rolled",
  async inflict({ platform, clients }) {
    const old = platform.service(platform.running.gateway.name);
    const next = await startServiceProcess("gateway", "gateway-2", {
      root,
      runDir: platform.runDir,
      env: platform.running.env,
      detached: false,
    });
    platform.replace(next);
    const url = `http://127.0.0.1:${httpPort(platform.runDir, next.name)}/`;
    const exited = once(old.child, "exit");
    old.child.kill("SIGTERM");
    const back = clients.map(async (client) => {
      const startMs = performance.now();
      await client.event(
        ({ type, nowMs, ...event }) => nowMs >= startMs && (type === "client.closed" || event["kind"] === "reconnect"),
        outageMs,
        "being told to come back",
      );
      client.drop();
      return await client.resume({ url });
    });
    const times = await Promise.all(back);
    await exited;
    return times;
  },
};

/** The gateway last: what comes after it would meet another one. */
export const faults: readonly Fault[] = [...["asr", "llm", "tts", "face", "compositor"].map(restart), cutNetwork, restartNats, rollGateway];
