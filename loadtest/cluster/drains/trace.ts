import { type StageName, stageNames } from "@troupe/kinds";
import { pick, seededRandom } from "../rig/random.ts";

/** A pool as the trace knows it, whatever keeps its pods. */
export interface TracedPool {
  readonly name: string;
  readonly stages: readonly StageName[];
  readonly maxReplicas: number;
}

/** One pool for each stage, and packs of all five, in which a session may have all its stages or one. */
export const tracedPools: readonly TracedPool[] = [
  ...stageNames.map((stage) => ({ name: stage, stages: [stage], maxReplicas: 4 })),
  ...["pack-a", "pack-b", "pack-c"].map((name) => ({ name, stages: stageNames, maxReplicas: 3 })),
];

export type PoolAction =
  | { readonly kind: "scale"; readonly replicas: number }
  /** Every pod is replaced by one of the next template. */
  | { readonly kind: "roll"; readonly version: number };

export interface PoolStep {
  readonly action: PoolAction;
  /** Whether the next step comes only when this one is done. */
  readonly wait: boolean;
  /** Before it. */
  readonly pauseMs: number;
}

const rollShare = 0.15;
const hasteShare = 0.15;
const longestPauseMs = 400;

/** What happens to a pool, without end; the same for the same seed. */
export function* traceOf(pool: TracedPool, seed: number): Generator<PoolStep, never> {
  const random = seededRandom(seed * 7919 + hash(pool.name));
  let replicas = 1;
  for (let version = 1; ; version++) {
    const others = Array.from({ length: pool.maxReplicas }, (_, n) => n + 1).filter((n) => n !== replicas);
    const rolls = random() < rollShare;
    if (!rolls) replicas = pick(random, others);
    yield {
      action: rolls ? { kind: "roll", version } : { kind: "scale", replicas },
      wait: random() >= hasteShare,
      pauseMs: random() * longestPauseMs,
    };
  }
}

/** Nodes in the order in which they are to be emptied. */
export function* nodeTrace(nodes: readonly string[], seed: number): Generator<string, never> {
  const random = seededRandom(seed * 104_729);
  for (;;) yield pick(random, nodes);
}

const hash = (text: string) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
