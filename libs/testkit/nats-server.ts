import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolPath } from "@troupe/service";

export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Kills it and starts it again on the same port, with what it keeps. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A real nats-server on loopback, on a port of the system's choice. */
export async function startNatsServer(): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "troupe-nats-"));
  let port = -1;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(
      toolPath("nats-server"),
      ["-a", "127.0.0.1", "-p", String(port), "--ports_file_dir", folder, "-js", "-sd", join(folder, "kept")],
      { stdio: "ignore" },
    );
    port = await portOf(folder, child);
  }

  async function stop(): Promise<void> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const exited = once(running, "exit");
    running.kill("SIGKILL");
    await exited;
    for (const name of await readdir(folder)) if (name !== "kept") await rm(join(folder, name));
  }

  await start();
  return {
    get url() {
      return `nats://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    start,
    stop,
    async restart() {
      await stop();
      await start();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function portOf(folder: string, child: ChildProcess): Promise<number> {
  const path = join(folder, `nats-server_${child.pid}.ports`);
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
    const text = await readFile(path, "utf8").catch(() => "");
    const url = text.includes("}") ? (JSON.parse(text) as { nats: string[] }).nats[0] : undefined;
    if (url) return Number(new URL(url).port);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("nats-server wrote no port within 5 s");
}
