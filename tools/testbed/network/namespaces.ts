import { readFile, readlink } from "node:fs/promises";
import { waitFor } from "../processes/wait-for.ts";

/** Waits until a process that was started with `unshare` is in a network namespace of its own. */
export async function enteredNetwork(pid: number, signal: AbortSignal): Promise<void> {
  const ours = await readlink("/proc/self/ns/net");
  const entered = async () => (await readlink(`/proc/${pid}/ns/net`)) !== ours;
  await waitFor("a network namespace", entered, { signal, limitMs: 10_000, pollMs: 5 });
}

/** The first child of a process: what `unshare --fork` started. */
export async function firstChild(pid: number, signal: AbortSignal): Promise<number> {
  let child = Number.NaN;
  const found = async () => {
    child = Number.parseInt(await readFile(`/proc/${pid}/task/${pid}/children`, "utf8"), 10);
    return !Number.isNaN(child);
  };
  await waitFor("the first process of a node", found, { signal, limitMs: 10_000, pollMs: 5 });
  return child;
}
