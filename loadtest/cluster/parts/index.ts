import type { Part } from "../part.ts";
import { apiDownPart } from "./api-down.ts";
import { drainsPart } from "./drains.ts";
import { podKillPart } from "./pod-kill.ts";
import { reconcilePart } from "./reconcile.ts";

/** In the order in which they run. */
export const clusterParts: readonly Part[] = [drainsPart, reconcilePart, apiDownPart, podKillPart];
