import { spawn } from "node:child_process";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { type Command, InvalidArgumentError, Option } from "commander";
import { waitFor } from "../processes/wait-for.ts";
import { readHeld, type Tier, testbedFolder, tiers } from "./held-testbed.ts";
import { holdTestbed } from "./hold-testbed.ts";

// Building everything from source takes minutes.
const startLimitMs = 30 * 60_000;

interface UpOptions {
  readonly tier: Tier;
  readonly nodes: number;
  readonly audit: boolean;
  readonly images: boolean;
}

export function addUp(program: Command): void {
  const up = program.command("up").description("start a Kubernetes on this machine, and return when it is ready").action(startHolder);
  const hold = program.command("hold", { hidden: true }).action(runHolder);
  for (const command of [up, hold]) {
    command
      .addOption(new Option("--tier <tier>", "what there is beside the control plane").choices(tiers).default("control-plane"))
      .option("--nodes <n>", "nodes: fake ones with kwok, real ones with node", positive, 2)
      .option("--audit", "write every request into state/audit.jsonl", false)
      .option("--no-images", "real nodes without the platform's image");
  }
}

async function startHolder(options: UpOptions): Promise<void> {
  if (await readHeld(testbedFolder)) throw new ServiceError("INVALID_REQUEST", "a test bed runs already; stop it with: make testbed-down");
  await rm(testbedFolder, { recursive: true, force: true });
  await mkdir(testbedFolder, { recursive: true });
  const logPath = join(testbedFolder, "up.log");
  const log = await open(logPath, "a");
  const args = ["hold", "--tier", options.tier, "--nodes", String(options.nodes)];
  const flags = [...(options.audit ? ["--audit"] : []), ...(options.images ? [] : ["--no-images"])];
  const main = join(import.meta.dirname, "../main.ts");
  const holder = spawn(process.execPath, [main, ...args, ...flags], { detached: true, stdio: ["ignore", log.fd, log.fd] });
  await log.close();
  const showed = { length: 0 };
  const readyOrEnded = async () => {
    const text = await readFile(logPath, "utf8");
    process.stdout.write(text.slice(showed.length));
    showed.length = text.length;
    return holder.exitCode !== null || (await readHeld(testbedFolder)) !== undefined;
  };
  await waitFor("the test bed", readyOrEnded, { signal: new AbortController().signal, limitMs: startLimitMs, pollMs: 100 });
  const held = await readHeld(testbedFolder);
  if (!held) throw new ServiceError("BACKEND_FAILED", `it did not start; what it said is in ${logPath}`);
  holder.unref();
  console.log(`export KUBECONFIG=${held.kubeconfig} PATH=${held.binFolder}:$PATH`);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1");
  return value;
}

async function runHolder(options: UpOptions): Promise<void> {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop.abort());
  await holdTestbed({ folder: testbedFolder, ...options }, stop.signal);
}
