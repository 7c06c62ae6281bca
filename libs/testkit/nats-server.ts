import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolPath } from "@troupe/service";

export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Where other servers join as leaf nodes; 0: nowhere. */
  readonly leafPort: number;
  /** Kills it and starts it again on the same port, with what it keeps. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface NatsServerOptions {
  /** JetStream domain; default: none. */
  readonly domain?: string;
  /** Other servers may join as leaf nodes. */
  readonly acceptLeaves?: boolean;
  /** URL at which this server joins another one as its leaf node. */
  readonly leafOf?: string;
  /** More lines of its configuration. */
  readonly config?: string;
}

/** A real nats-server on loopback, on a port of the system's choice. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "troupe-nats-"));
  const configPath = join(folder, "kept", "nats.conf");
  let port = -1;
  let leafPort = options.acceptLeaves ? -1 : 0;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    await mkdir(join(folder, "kept"), { recursive: true });
    await writeFile(configPath, configOf(options, join(folder, "kept"), leafPort));
    const listen = ["-a", "127.0.0.1", "-p", String(port), "-m", options.acceptLeaves ? "-1" : "0", "--ports_file_dir", folder];
    child = spawn(toolPath("nats-server"), ["-c", configPath, ...listen], { stdio: "ignore" });
    const ports = await portsOf(folder, child);
    port = ports.nats;
    if (ports.monitoring) leafPort = await leafPortOf(ports.monitoring);
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
    get leafPort() {
      return leafPort;
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

function configOf({ domain, leafOf, config = "" }: NatsServerOptions, folder: string, leafPort: number): string {
  const leaves = [
    ...(leafPort === 0 ? [] : [`listen: "127.0.0.1:${leafPort}"`]),
    ...(leafOf === undefined ? [] : [`reconnect: "200ms"`, `remotes: [{ url: "${leafOf}" }]`]),
  ];
  return [
    `jetstream { store_dir: "${folder}"${domain === undefined ? "" : `, domain: "${domain}"`} }`,
    leaves.length === 0 ? "" : `leafnodes { ${leaves.join("\n")} }`,
    config,
  ].join("\n");
}

async function portsOf(folder: string, child: ChildProcess): Promise<{ readonly nats: number; readonly monitoring: string | undefined }> {
  const path = join(folder, `nats-server_${child.pid}.ports`);
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
    const text = await readFile(path, "utf8").catch(() => "");
    const { nats, monitoring } = text.includes("}") ? (JSON.parse(text) as { nats?: string[]; monitoring?: string[] }) : {};
    if (nats?.[0]) return { nats: Number(new URL(nats[0]).port), monitoring: monitoring?.[0] };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("nats-server wrote no port within 5 s");
}

/** The file of ports does not name it. */
async function leafPortOf(monitoring: string): Promise<number> {
  const answer = await fetch(`${monitoring}/varz`);
  return ((await answer.json()) as { leaf: { port: number } }).leaf.port;
}
