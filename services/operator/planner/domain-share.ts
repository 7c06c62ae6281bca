import type { Share as KindShare } from "@troupe/kinds";
import type { Share } from "../inventory/index.ts";

/** The share of an object, of which exactly one member is set. */
export function shareOf({ partition, cpuMillicores }: KindShare): Share {
  if (cpuMillicores !== undefined) return { cpuMillicores };
  return partition === undefined ? { whole: true } : { partition };
}
