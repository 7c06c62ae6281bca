import { readFile } from "node:fs/promises";
import { join } from "node:path";

export const tiers = ["control-plane", "kwok", "node"] as const;

/** What there is beside the control plane: nothing, nodes that kwok plays, or real ones. */
export type Tier = (typeof tiers)[number];

/** What `up` left running, written by the process that holds it once all is ready. */
export interface HeldTestbed {
  /** Of the holder; everything ends with it. */
  readonly pid: number;
  readonly tier: Tier;
  readonly kubeconfig: string;
  /** Where pods can pull this machine's models from. */
  readonly modelMirror?: string | undefined;
  /** Holds kubectl. */
  readonly binFolder: string;
  /** Process ids of the control plane. */
  readonly processes: Readonly<Record<string, number>>;
}

/** Where the commands keep the one test bed that they handle. */
export const testbedFolder = join(import.meta.dirname, "../../../.troupe/testbed");

export const heldFile = (folder: string) => join(folder, "testbed.json");

/** @returns undefined when none is held, or its holder was killed */
export async function readHeld(folder: string): Promise<HeldTestbed | undefined> {
  const text = await readFile(heldFile(folder), "utf8").catch(() => undefined);
  if (!text) return undefined;
  const held = JSON.parse(text) as HeldTestbed;
  return (await isHolder(held.pid)) ? held : undefined;
}

// A process id alone may have gone to somebody else since.
async function isHolder(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return command.split("\0").includes("hold");
}
