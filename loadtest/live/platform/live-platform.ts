import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { type Platform, type ServiceProcess, startPlatform } from "@troupe/troupe";

/** Gateway and stages as processes, the page served by the gateway. Parts that end a process put in what they started instead. */
export interface LivePlatform extends AsyncDisposable {
  /** Of the page. */
  readonly url: string;
  /** Ids by name: "gateway-1", "asr-1" …, "nats". */
  readonly processes: ReadonlyMap<string, number>;
  readonly running: Platform;
  readonly runDir: string;
  /** @throws ServiceError INVALID_REQUEST for a name that is not there */
  service(name: string): ServiceProcess;
  replace(service: ServiceProcess): void;
  nats(): NatsProcess;
  replaceNats(nats: NatsProcess): void;
  /** The end of a process's log. */
  log(name: string): string;
}

export interface NatsProcess {
  readonly pid: number;
  readonly port: number;
}

export const root = join(import.meta.dirname, "../../..");

/** @param env set beside the default settings, e.g. TROUPE_TTS_BACKEND */
export async function startLivePlatform(env: Readonly<Record<string, string>> = {}): Promise<LivePlatform> {
  const runDir = await mkdtemp(join(tmpdir(), "troupe-live-"));
  const settings = { ...process.env, TROUPE_LOG_LEVEL: "warn", TROUPE_DRAIN_SECONDS: "2", ...env };
  const running = await startPlatform({ root, runDir, env: settings, detached: false });
  const services = new Map([running.gateway, ...running.stages].map((service) => [service.name, service]));
  let nats: NatsProcess = running.nats;
  const end = async () => {
    await Promise.all([...services.values()].map(endService));
    try {
      process.kill(nats.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
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
    get processes() {
      return new Map([...[...services.values()].map(({ name, ports }) => [name, ports.pid] as const), ["nats", nats.pid] as const]);
    },
    running,
    runDir,
    service(name) {
      const service = services.get(name);
      if (!service) throw new ServiceError("INVALID_REQUEST", `there is no process ${name}`);
      return service;
    },
    replace: (service) => void services.set(service.name, service),
    nats: () => nats,
    replaceNats: (started) => {
      nats = started;
    },
    log: (name) => readFileSync(join(runDir, `${name}.log`), "utf8").slice(-2000),
    [Symbol.asyncDispose]: end,
  };
}

async function endService({ child }: ServiceProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

export function httpPort(runDir: string, name: string): number | undefined {
  return (JSON.parse(readFileSync(join(runDir, `${name}.ports.json`), "utf8")) as { readonly http?: number }).http;
}
