import { join } from "node:path";

/** The checkout this program runs from. */
export const root = join(import.meta.dirname, "../..");

/** Logs, ports and process ids of what runs on this machine. */
export const runDir = join(root, ".troupe", "run");
