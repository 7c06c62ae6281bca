import type { Cluster } from "../rig/cluster.ts";
import { type Observed, observe } from "../rig/observer.ts";
import { until } from "../rig/until.ts";
import type { Subject } from "./subject.ts";
import { nodeTrace, type TracedPool, tracedPools, traceOf } from "./trace.ts";

export interface Drive {
  readonly cluster: Cluster;
  readonly subject: Subject;
  readonly nodes: readonly string[];
  readonly seed: number;
  /** Ends when so many pods have gone. */
  readonly pods: number;
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
  /** Beside the count of pods, for people. */
  readonly tell: () => string;
}

export interface Driven {
  readonly gone: number;
  readonly durationMs: number;
  readonly actions: Readonly<Record<string, number>>;
  /** Steps that were not done within the time; the trace goes on. */
  readonly stalled: readonly string[];
}

const stepLimitMs = 60_000;
const leaveLimitMs = 20_000;
const betweenNodesMs = 1500;
const tellEveryMs = 15_000;

/** Lets the trace happen to the subject until enough pods have gone: each pool on its own, and the nodes one after the other. */
export async function drive(options: Drive): Promise<Driven> {
  const { cluster, subject, nodes, seed, pods: wanted, step } = options;
  const pods = await observe<Observed & { readonly spec: { readonly nodeName?: string } }>(
    cluster.control,
    `/api/v1/namespaces/${subject.namespace}/pods`,
    options.signal,
  );
  const enough = new AbortController();
  const signal = AbortSignal.any([options.signal, enough.signal]);
  const actions: Record<string, number> = { scale: 0, roll: 0, cordon: 0 };
  const stalled: string[] = [];
  let gone = 0;
  pods.on(({ type }) => {
    if (type === "DELETED" && ++gone >= wanted) enough.abort();
  });
  const count = (what: string) => {
    actions[what] = (actions[what] ?? 0) + 1;
  };

  async function drivePool(pool: TracedPool): Promise<void> {
    for (const { action, wait, pauseMs } of traceOf(pool, seed)) {
      await pause(pauseMs, signal);
      count(action.kind);
      await subject.apply(pool.name, action);
      if (!wait) continue;
      if (!(await until(() => subject.settled(pool.name), { signal, timeoutMs: stepLimitMs })))
        stalled.push(`${pool.name} ${JSON.stringify(action)}`);
    }
  }

  async function driveNodes(): Promise<void> {
    for (const node of nodeTrace(nodes, seed)) {
      await pause(betweenNodesMs, signal);
      count("cordon");
      await subject.leave(node);
      const empty = () => !pods.list().some(({ spec }) => spec.nodeName === node);
      try {
        if (!(await until(empty, { signal, timeoutMs: leaveLimitMs }))) stalled.push(`cordon ${node}`);
      } finally {
        await subject.comeBack(node);
      }
    }
  }

  const startMs = performance.now();
  const teller = setInterval(
    () => step(`${subject.name}: ${gone} of ${wanted} pods gone, ${stalled.length} stalled; ${options.tell()}`),
    tellEveryMs,
  );
  try {
    await Promise.all([...tracedPools.map(drivePool), driveNodes()].map((loop) => loop.catch(unlessEnough(enough.signal))));
  } finally {
    clearInterval(teller);
    pods[Symbol.dispose]();
  }
  return { gone, durationMs: performance.now() - startMs, actions, stalled };
}

const unlessEnough = (enough: AbortSignal) => (thrown: unknown) => {
  if (!enough.aborted) throw thrown;
};

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise((resolve) => setTimeout(resolve, ms));
}
