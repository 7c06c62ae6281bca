import { join, relative } from "node:path";

/** The checkout this program runs from. */
export const root = join(import.meta.dirname, "../..");

/** Logs, ports and process ids of what runs on this machine. */
export const runDir = join(root, ".troupe", "run");

/** The Node this runs on, for commands that people copy: the one on their path may be older. */
export const nodePath = relative(process.cwd(), process.execPath);
