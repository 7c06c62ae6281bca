import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { toolPath } from "@troupe/service";

export interface ServicePorts {
  readonly pid: number;
  readonly grpc: number;
  readonly metrics: number;
  /** Of a gateway: page, Realtime, WebRTC and session API. */
  readonly http?: number;
}

export interface ServiceProcess {
  readonly name: string;
  readonly ports: ServicePorts;
  readonly child: ChildProcess;
  readonly logPath: string;
}

export interface StartOptions {
  readonly root: string;
  /** Folder of logs and port files. */
  readonly runDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether it outlives this process. */
  readonly detached: boolean;
  readonly timeoutMs?: number;
  /** Called with the process before it is ready, so that its owner can end it. */
  readonly onSpawned?: (child: ChildProcess) => void;
}

/** Starts services/<service>/main.ts and waits until it serves. @throws ServiceError PEER_UNAVAILABLE with the end of its log */
export async function startServiceProcess(service: string, name: string, options: StartOptions): Promise<ServiceProcess> {
  const portFile = join(options.runDir, `${name}.ports.json`);
  rmSync(portFile, { force: true });
  const env = { ...options.env, TROUPE_REPLICA: name, TROUPE_PORT_FILE: portFile };
  const { child, logPath } = spawnLogged(process.execPath, [join(options.root, "services", service, "main.ts")], name, { ...options, env });
  const ports = await waitFor(child, name, logPath, options.timeoutMs ?? 60_000, () => {
    const text = existsSync(portFile) ? readFileSync(portFile, "utf8") : "";
    return text.endsWith("}") ? (JSON.parse(text) as ServicePorts) : undefined;
  });
  return { name, ports, child, logPath };
}

/** Starts a nats-server on loopback. */
export async function startNatsProcess(
  port: number,
  options: StartOptions,
): Promise<{ readonly child: ChildProcess; readonly port: number; readonly logPath: string }> {
  const args = ["-a", "127.0.0.1", "-p", String(port), "--ports_file_dir", options.runDir, "-js", "-sd", join(options.runDir, "nats")];
  const { child, logPath } = spawnLogged(toolPath("nats-server"), args, "nats", options);
  const file = join(options.runDir, `nats-server_${child.pid}.ports`);
  const bound = await waitFor(child, "nats", logPath, options.timeoutMs ?? 10_000, () => {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const url = text.includes("}") ? (JSON.parse(text) as { nats: string[] }).nats[0] : undefined;
    return url === undefined ? undefined : Number(new URL(url).port);
  });
  return { child, port: bound, logPath };
}

function spawnLogged(program: string, args: readonly string[], name: string, options: StartOptions) {
  mkdirSync(options.runDir, { recursive: true });
  const logPath = join(options.runDir, `${name}.log`);
  const log = openSync(logPath, "a");
  const child = spawn(program, args, {
    cwd: options.root,
    env: options.env as NodeJS.ProcessEnv,
    detached: options.detached,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  if (options.detached) child.unref();
  options.onSpawned?.(child);
  return { child, logPath };
}

async function waitFor<T>(child: ChildProcess, name: string, logPath: string, timeoutMs: number, read: () => T | undefined): Promise<T> {
  const untilMs = performance.now() + timeoutMs;
  for (;;) {
    const value = read();
    if (value !== undefined) return value;
    const ended = child.exitCode ?? child.signalCode;
    const why = ended !== null ? `ended with ${ended}` : performance.now() > untilMs ? `was not ready within ${timeoutMs} ms` : undefined;
    if (why !== undefined) {
      if (ended === null) child.kill("SIGKILL");
      throw new ServiceError("PEER_UNAVAILABLE", `${name} ${why}; the end of ${logPath}:\n${readFileSync(logPath, "utf8").slice(-1500)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
