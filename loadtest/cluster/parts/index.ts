import type { Part } from "../part.ts";
import { drainsPart } from "./drains.ts";

/** In the order in which they run. */
export const clusterParts: readonly Part[] = [drainsPart];
