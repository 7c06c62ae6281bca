import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { execute } from "../processes/execute.ts";
import { readHeld, testbedFolder } from "./held-testbed.ts";

export function addStatus(program: Command): void {
  program.command("status").description("what runs, its memory, and its nodes").action(status);
}

async function status(): Promise<void> {
  const held = await readHeld(testbedFolder);
  if (!held) {
    console.log("no test bed runs; start one with: make testbed");
    return;
  }
  console.log(`${held.tier}\nexport KUBECONFIG=${held.kubeconfig} PATH=${held.binFolder}:$PATH`);
  if (held.modelMirror) console.log(`models for pods       models pull --mirror ${held.modelMirror}`);
  for (const [name, pid] of Object.entries(held.processes)) console.log(`${name.padEnd(20)} ${pid}  ${await residentMb(pid)} MB`);
  const kubectl = ["--kubeconfig", held.kubeconfig, "get", "nodes"];
  const { stdout, stderr } = await execute(join(held.binFolder, "kubectl"), kubectl, { signal: AbortSignal.timeout(30_000) });
  console.log((stdout || stderr).trimEnd());
}

async function residentMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024);
}
