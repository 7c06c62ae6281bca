import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { ServiceError } from "@troupe/errors";

export interface DaemonOptions {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** What it says is appended to this file. */
  readonly logPath: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A process that runs until it is killed, or until the thread that started it ends, however that comes about. */
export interface Daemon {
  readonly name: string;
  readonly pid: number;
  readonly ended: Promise<unknown>;
  /** Ends it at once, by SIGKILL. */
  kill(): Promise<void>;
  /** @throws ServiceError BACKEND_FAILED when it has ended, with the end of its log */
  throwIfEnded(): Promise<void>;
}

export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const log = await open(options.logPath, "a");
  try {
    // The kernel sends the signal, so nothing outlives a test process that was killed itself.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...options.command], {
      env: { ...process.env, ...options.env },
      stdio: ["ignore", log.fd, log.fd],
    });
    await once(child, "spawn");
    return daemonOf(child, options);
  } finally {
    await log.close();
  }
}

function daemonOf(child: ChildProcess, { name, logPath }: DaemonOptions): Daemon {
  const ended = once(child, "exit");
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    name,
    pid: child.pid ?? -1,
    ended,
    async kill() {
      if (!hasEnded()) child.kill("SIGKILL");
      await ended;
    },
    async throwIfEnded() {
      if (!hasEnded()) return;
      const end = (await readFile(logPath, "utf8")).trim().slice(-1500);
      throw new ServiceError("BACKEND_FAILED", `${name} ended with ${child.exitCode ?? child.signalCode}: ${end}`);
    },
  };
}
