import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import type { Command } from "commander";
import { nodePath, root, runDir } from "../places.ts";
import { isRunning, type Replicas, readState, replicated, saveState, startPlatform, stopPlatform } from "../platform/platform.ts";

export function addPlatform(program: Command): void {
  program
    .command("up")
    .description("start every service as a process of its own, with nats-server")
    .option("--replicas <list>", "how many of what, e.g. tts=2,gateway=2", "")
    .option("--port <n>", "gRPC port of the gateway", "50051")
    .option("--http-port <n>", "port of the page, Realtime and WebRTC", "8080")
    .action(up);
  program
    .command("down")
    .description("drain and stop what `troupe up` started")
    .option("--grace <seconds>", "time to drain", "10")
    .action(down);
  program.command("status").description("what `troupe up` started, and whether it runs").action(status);
}

async function up(options: { readonly replicas: string; readonly port: string; readonly httpPort: string }): Promise<void> {
  const running = readState(runDir).filter(({ pid }) => isRunning(pid));
  if (running.length > 0)
    throw new ServiceError("INVALID_REQUEST", "a platform runs already; `troupe status` shows it, `troupe down` stops it");
  const platform = await startPlatform({
    root,
    runDir,
    env: process.env,
    replicas: parseReplicas(options.replicas),
    detached: true,
    gatewayPort: Number(options.port),
    httpPort: Number(options.httpPort),
    onStarted: (name, port) => console.log(`${name.padEnd(14)} 127.0.0.1:${port}`),
  });
  saveState(runDir, platform);
  const address = `127.0.0.1:${platform.gateway.ports.grpc}`;
  console.log(`\nready. Talk with it:  http://127.0.0.1:${platform.gateway.ports.http}`);
  console.log(`or ask with:  ${nodePath} services/troupe/main.ts ask models/questions/hours.wav --gateway ${address}`);
  console.log(`logs are in ${join(runDir, "*.log")}; stop with:  make down`);
}

/** @throws ServiceError INVALID_REQUEST for an unknown name or a silly number */
export function parseReplicas(text: string): Replicas {
  const replicas: { -readonly [Name in keyof Replicas]: Replicas[Name] } = {};
  for (const entry of text.split(",").filter((part) => part !== "")) {
    const [stage = "", count = ""] = entry.split("=");
    const known = replicated.find((name) => name === stage.trim());
    const wanted = Number(count);
    if (!known || !Number.isInteger(wanted) || wanted < 1 || wanted > 32)
      throw new ServiceError("INVALID_REQUEST", `--replicas takes name=1..32, with a name of ${replicated.join(", ")}; not "${entry}"`);
    replicas[known] = wanted;
  }
  return replicas;
}

async function down(options: { readonly grace: string }): Promise<void> {
  await stopPlatform(runDir, Number(options.grace) * 1000, (name) => console.log(`stopped ${name}`));
}

function status(): void {
  const processes = readState(runDir);
  if (processes.length === 0) console.log("nothing runs; start with: make up");
  for (const { name, pid, grpc, metrics, http } of processes)
    console.log(
      `${name.padEnd(14)} ${isRunning(pid) ? "runs   " : "STOPPED"} pid ${pid}  port ${grpc}${metrics ? `  /metrics on ${metrics}` : ""}${http ? `  page on ${http}` : ""}`,
    );
}
