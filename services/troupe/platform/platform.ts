import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { stageNames } from "@troupe/stage";
import { type ServiceProcess, startNatsProcess, startServiceProcess } from "./service-process.ts";

/** A process of a running platform, as the state file keeps it. */
export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  readonly grpc: number;
  readonly metrics: number;
  /** Of a gateway. */
  readonly http?: number;
}

/** What may run more than once. */
export const replicated = ["gateway", ...stageNames] as const;
export type Replicas = Readonly<Partial<Record<(typeof replicated)[number], number>>>;

export interface PlatformOptions {
  readonly root: string;
  readonly runDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default 1 of each. */
  readonly replicas?: Replicas;
  readonly detached: boolean;
  /** 0: any free one. */
  readonly natsPort?: number;
  readonly gatewayPort?: number;
  /** Of the first gateway's page and Realtime; 0: any free one. */
  readonly httpPort?: number;
  readonly onStarted?: (name: string, port: number) => void;
}

export interface Platform {
  readonly natsUrl: string;
  /** The first of the gateways. */
  readonly gateway: ServiceProcess;
  readonly gateways: readonly ServiceProcess[];
  readonly stages: readonly ServiceProcess[];
  readonly nats: { readonly pid: number; readonly port: number };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Every service as a process of its own, over a real nats-server and gRPC. All or none: when one does not start, the others are ended. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  mkdirSync(options.runDir, { recursive: true });
  const children: ChildProcess[] = [];
  const common = { ...options, onSpawned: (child: ChildProcess) => children.push(child) };
  try {
    const nats = await startNatsProcess(options.natsPort ?? -1, common);
    options.onStarted?.("nats", nats.port);
    const natsUrl = `nats://127.0.0.1:${nats.port}`;
    const env = { TROUPE_GRANT_KEY: randomBytes(32).toString("hex"), ...options.env, TROUPE_NATS_URL: natsUrl };
    const start = async (service: string, name: string, extra: Record<string, string> = {}) => {
      const running = await startServiceProcess(service, name, { ...common, env: { ...env, ...extra } });
      options.onStarted?.(name, running.ports.grpc);
      return running;
    };
    const wanted = stageNames.flatMap((stage) =>
      Array.from({ length: options.replicas?.[stage] ?? 1 }, (_, index) => start(stage, `${stage}-${index + 1}`)),
    );
    const portsOf = (index: number): Record<string, string> =>
      index > 0 ? {} : { TROUPE_GRPC_PORT: String(options.gatewayPort ?? 0), TROUPE_HTTP_PORT: String(options.httpPort ?? 0) };
    const wantedGateways = Array.from({ length: options.replicas?.gateway ?? 1 }, (_, index) =>
      start("gateway", `gateway-${index + 1}`, portsOf(index)),
    );
    const [gateways, stages] = await Promise.all([Promise.all(wantedGateways), Promise.all(wanted)]);
    return { natsUrl, gateway: gateways[0] as ServiceProcess, gateways, stages, nats: { pid: nats.child.pid ?? 0, port: nats.port }, env };
  } catch (thrown) {
    for (const child of children) child.kill("SIGKILL");
    throw thrown;
  }
}

const stateFile = (runDir: string) => join(runDir, "platform.json");

export function saveState(runDir: string, platform: Platform): readonly RunningProcess[] {
  const of = ({ name, ports }: ServiceProcess): RunningProcess => ({ name, ...ports });
  const processes = [
    ...platform.gateways.map(of),
    ...platform.stages.map(of),
    { name: "nats", pid: platform.nats.pid, grpc: platform.nats.port, metrics: 0 },
  ];
  writeFileSync(stateFile(runDir), `${JSON.stringify({ processes }, null, 2)}\n`);
  return processes;
}

/** Processes of the state file, in the order in which they are stopped; none when nothing was started. */
export function readState(runDir: string): readonly RunningProcess[] {
  if (!existsSync(stateFile(runDir))) return [];
  return (JSON.parse(readFileSync(stateFile(runDir), "utf8")) as { processes: RunningProcess[] }).processes;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks each process to drain, and ends those that have not after `graceMs`. */
export async function stopPlatform(runDir: string, graceMs: number, onStopped: (name: string) => void): Promise<void> {
  const processes = readState(runDir);
  if (processes.length === 0) throw new ServiceError("INVALID_REQUEST", `nothing runs (no ${stateFile(runDir)})`);
  for (const { name, pid } of processes) {
    if (isRunning(pid)) process.kill(pid, "SIGTERM");
    const untilMs = performance.now() + graceMs;
    while (isRunning(pid) && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 50));
    if (isRunning(pid)) process.kill(pid, "SIGKILL");
    onStopped(name);
  }
  rmSync(stateFile(runDir));
}
