import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { type Platform, startPlatform } from "@troupe/troupe";

/** Gateway and stages as processes, the page served by the gateway. */
export interface LivePlatform extends AsyncDisposable {
  /** Of the page. */
  readonly url: string;
  /** Names of the processes: "gateway-1", "asr-1" …, "nats". */
  readonly processes: ReadonlyMap<string, number>;
  readonly running: Platform;
  readonly runDir: string;
  /** The end of a process's log. */
  log(name: string): string;
}

export const root = join(import.meta.dirname, "../../..");

/** @param env set beside the default settings, e.g. TROUPE_TTS_BACKEND */
export async function startLivePlatform(env: Readonly<Record<string, string>> = {}): Promise<LivePlatform> {
  const runDir = await mkdtemp(join(tmpdir(), "troupe-live-"));
  const settings = { ...process.env, TROUPE_LOG_LEVEL: "warn", TROUPE_DRAIN_SECONDS: "2", ...env };
  const running = await startPlatform({ root, runDir, env: settings, detached: false });
  const services = [running.gateway, ...running.stages];
  const end = async () => {
    const exits = services.map(async ({ child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    });
    await Promise.all(exits);
    try {
      process.kill(running.nats.pid, "SIGKILL");
    } catch {
      // Ended by a part that stopped it on purpose.
    }
    await rm(runDir, { recursive: true, force: true });
  };
  const http = httpPort(runDir, running.gateway.name);
  if (http === undefined) {
    await end();
    throw new ServiceError("PEER_UNAVAILABLE", "the gateway serves no page: its port file names no HTTP port");
  }
  return {
    url: `http://127.0.0.1:${http}/`,
    processes: new Map([...services.map(({ name, ports }) => [name, ports.pid] as const), ["nats", running.nats.pid] as const]),
    running,
    runDir,
    log: (name) => readFileSync(join(runDir, `${name}.log`), "utf8").slice(-2000),
    [Symbol.asyncDispose]: end,
  };
}

export function httpPort(runDir: string, name: string): number | undefined {
  return (JSON.parse(readFileSync(join(runDir, `${name}.ports.json`), "utf8")) as { readonly http?: number }).http;
}
