import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { toolPath } from "@troupe/service";
import { root } from "../places.ts";

export interface PeerLine {
  readonly event: string;
  /** Since the peer began. */
  readonly ms: number;
  readonly [field: string]: unknown;
}

/** A peer as a process of its own; every line that it prints is one JSON object. Resolves when it ends; fails when it fails. */
async function runPeer(command: string, args: readonly string[]): Promise<readonly PeerLine[]> {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const lines: PeerLine[] = [];
  let errors = "";
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line) as PeerLine));
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors.slice(-2000)} ${JSON.stringify(lines.at(-1))}`);
  return lines;
}

/** loadtest/live-peers/pion: publishes a recording as PCMU, or plays and prints every packet. */
export const runPion = (args: readonly string[]) => runPeer(toolPath("pion-peer"), args);

/** loadtest/live-peers/aiortc: speaks a recording and writes what it hears and sees. */
export const runAiortc = (args: readonly string[]) => runPeer("python3", [join(root, "loadtest/live-peers/aiortc/peer.py"), ...args]);
