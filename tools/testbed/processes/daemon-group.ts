import { join } from "node:path";
import { type Daemon, startDaemon } from "./daemon.ts";

/** Daemons that belong together, by name; each logs to `<folder>/<name>.log`. */
export interface DaemonGroup {
  start(name: string, command: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): Promise<void>;
  /** Kills it and waits for its end; nothing happens when it does not run. */
  stop(name: string): Promise<void>;
  /** Those that should be running. */
  readonly running: readonly Daemon[];
  readonly pids: Readonly<Record<string, number>>;
  /** Waits until all have ended by themselves, because what they need has gone. */
  ended(): Promise<void>;
  close(): Promise<void>;
}

export function createDaemonGroup(folder: string): DaemonGroup {
  const daemons = new Map<string, Daemon>();
  async function stop(name: string): Promise<void> {
    const daemon = daemons.get(name);
    daemons.delete(name);
    await daemon?.kill();
  }
  return {
    async start(name, command, env) {
      daemons.set(name, await startDaemon({ name, command, logPath: join(folder, `${name}.log`), env }));
    },
    stop,
    get running() {
      return [...daemons.values()];
    },
    get pids() {
      return Object.fromEntries([...daemons].map(([name, { pid }]) => [name, pid]));
    },
    async ended() {
      await Promise.all([...daemons.values()].map((daemon) => daemon.ended));
      daemons.clear();
    },
    async close() {
      await Promise.all([...daemons.keys()].map(stop));
    },
  };
}
