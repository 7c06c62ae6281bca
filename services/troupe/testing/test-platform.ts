import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../places.ts";
import { type Platform, type PlatformOptions, startPlatform } from "../platform/platform.ts";
import type { ServiceProcess } from "../platform/service-process.ts";
import { startNatsProcess, startServiceProcess } from "../platform/service-process.ts";

export interface TestPlatform extends AsyncDisposable {
  readonly gatewayAddress: string;
  readonly platform: Platform;
  process(name: string): ServiceProcess;
  /** SIGKILL. */
  kill(name: string): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  drain(name: string): Promise<number | null>;
  /** Starts a killed service again, as a supervisor does. */
  restart(name: string): Promise<void>;
  /** SIGKILL, and the same port again. */
  restartNats(): Promise<void>;
}

/** Every service as a process, for one test file. */
export async function startTestPlatform(
  options: Pick<PlatformOptions, "replicas"> & { readonly env?: Record<string, string> },
): Promise<TestPlatform> {
  const runDir = await mkdtemp(join(tmpdir(), "troupe-platform-"));
  const env = { ...process.env, TROUPE_DRAIN_SECONDS: "10", ...options.env };
  const platform = await startPlatform({ root, runDir, env, detached: false, ...(options.replicas ? { replicas: options.replicas } : {}) });
  const processes = new Map<string, ServiceProcess>([...platform.gateways, ...platform.stages].map((service) => [service.name, service]));
  let natsPid = platform.nats.pid;
  const find = (name: string) => {
    const found = processes.get(name);
    if (!found) throw new Error(`there is no process ${name}`);
    return found;
  };
  const stop = async ({ child }: ServiceProcess, signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  return {
    platform,
    gatewayAddress: `127.0.0.1:${platform.gateway.ports.grpc}`,
    process: find,
    kill: (name) => stop(find(name), "SIGKILL"),
    async drain(name) {
      await stop(find(name), "SIGTERM");
      return find(name).child.exitCode;
    },
    async restart(name) {
      const service = name.slice(0, name.lastIndexOf("-"));
      processes.set(name, await startServiceProcess(service, name, { root, runDir, env: platform.env, detached: false }));
    },
    async restartNats() {
      process.kill(natsPid, "SIGKILL");
      const nats = await startNatsProcess(platform.nats.port, { root, runDir, env, detached: false });
      natsPid = nats.child.pid ?? 0;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...processes.values()].map((service) => stop(service, "SIGKILL")));
      process.kill(natsPid, "SIGKILL");
      await rm(runDir, { recursive: true, force: true });
    },
  };
}
