import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConversationService } from "@troupe/contracts";
import { createClient } from "@troupe/rpc";
import { type Converse, startPlatform } from "@troupe/troupe";

export interface ProcessPlatform extends AsyncDisposable {
  readonly converse: Converse;
  /** User and system time of each process so far, in milliseconds, by name. */
  cpuMs(): Readonly<Record<string, number>>;
}

const root = join(import.meta.dirname, "../..");
/** Linux counts process time in hundredths of a second (USER_HZ), whatever the kernel's own tick is. */
const tickMs = 10;

/** Gateway and the five stages with stub backends as processes of their own, over a real nats-server on loopback. */
export async function startProcesses(): Promise<ProcessPlatform> {
  const runDir = await mkdtemp(join(tmpdir(), "troupe-bench-"));
  const env = {
    ...process.env,
    TROUPE_ASR_BACKEND: "stub",
    TROUPE_LLM_BACKEND: "stub",
    TROUPE_TTS_BACKEND: "stub",
    TROUPE_FACE_BACKEND: "stub",
    TROUPE_LOG_LEVEL: "error",
    TROUPE_MAX_SESSIONS: "64",
    TROUPE_DRAIN_SECONDS: "1",
  };
  const platform = await startPlatform({ root, runDir, env, detached: false });
  const client = createClient(ConversationService, `127.0.0.1:${platform.gateway.ports.grpc}`);
  const services = [platform.gateway, ...platform.stages];
  const pids = new Map([...services.map(({ name, child }) => [name, child.pid ?? 0] as const), ["nats" as const, platform.nats.pid]]);
  return {
    converse: (requests, signal) => client.converse(requests, { signal }),
    cpuMs: () => Object.fromEntries([...pids].map(([name, pid]) => [name, cpuOf(pid)])),
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      const exits = services.map(async ({ child }) => {
        if (child.exitCode !== null) return;
        const exited = once(child, "exit");
        child.kill("SIGKILL");
        await exited;
      });
      await Promise.all(exits);
      process.kill(platform.nats.pid, "SIGKILL");
      await rm(runDir, { recursive: true, force: true });
    },
  };
}

/** Fields 14 and 15 of /proc/<pid>/stat (proc(5)): utime and stime. */
function cpuOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
