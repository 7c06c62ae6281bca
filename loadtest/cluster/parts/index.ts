import type { Part } from "../part.ts";
import { apiDownPart } from "./api-down.ts";
import { drainsPart } from "./drains.ts";
import { podKillPart } from "./pod-kill.ts";
import { realModelsPart } from "./real-models.ts";
import { realNodesPart } from "./real-nodes.ts";
import { reconcilePart } from "./reconcile.ts";
import { siteLossPart } from "./site-loss.ts";

/** In the order in which they run. */
export const clusterParts: readonly Part[] = [
  drainsPart,
  reconcilePart,
  apiDownPart,
  podKillPart,
  siteLossPart,
  realNodesPart,
  realModelsPart,
];
