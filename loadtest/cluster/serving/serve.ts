import { join } from "node:path";
import type { StagePool } from "@troupe/kinds";
import { objectOf } from "../drains/pool-subject.ts";
import type { TracedPool } from "../drains/trace.ts";
import type { Child } from "../rig/child.ts";
import { type Cluster, type GatewayStatus, namespace } from "../rig/cluster.ts";
import { isSettled } from "../rig/is-settled.ts";
import { type Observer, observe } from "../rig/observer.ts";
import { need } from "../rig/until.ts";

export interface ServedPool extends TracedPool {
  readonly replicas: number;
}

/** Pools that serve sessions, with an operator that keeps them. */
export interface Serving extends AsyncDisposable {
  readonly pools: Observer<StagePool>;
  readonly operator: Child;
  readonly gateway: Child<GatewayStatus>;
  readonly sessionLog: string;
  /** Another one, where the one before has ended. */
  startOperator(): Promise<void>;
  scale(pool: string, replicas: number): Promise<void>;
  /** Waits until every pool is as it is wanted. @throws ServiceError DEADLINE */
  settled(timeoutMs: number): Promise<void>;
}

export interface ServingOptions {
  readonly pools: readonly ServedPool[];
  readonly sessions: number;
  readonly meanLifeMs: number;
  readonly moveChance: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

const collection = `/apis/troupe.dev/v1alpha1/namespaces/${namespace}/stagepools`;

export async function serve(cluster: Cluster, options: ServingOptions): Promise<Serving> {
  const { signal, seed, meanLifeMs, moveChance, sessions } = options;
  await using stack = new AsyncDisposableStack();
  const { api } = cluster.control;
  const wanted = new Map(options.pools.map(({ name, replicas }) => [name, replicas]));
  for (const pool of options.pools) await api.request({ method: "POST", path: collection, body: objectOf(pool) }, signal);
  const pools = stack.use(await observe<StagePool>(cluster.control, collection, signal));
  let operator = await cluster.startOperator();

  async function scale(pool: string, replicas: number): Promise<void> {
    wanted.set(pool, replicas);
    const body = { spec: { replicas } };
    await api.request({ method: "PATCH", path: `${collection}/${pool}`, body, contentType: "application/merge-patch+json" }, signal);
  }
  const hasSettled = ([name, replicas]: readonly [string, number]) => {
    operator.throwIfEnded();
    const pool = pools.get(name);
    return pool?.spec.replicas === replicas && isSettled(pool, replicas);
  };
  const settled = (timeoutMs: number) => need("every pool has settled", () => [...wanted].every(hasSettled), { signal, timeoutMs });

  for (const { name, replicas } of options.pools) await scale(name, replicas);
  await settled(90_000);
  const sessionLog = join(cluster.folder, "sessions.jsonl");
  const gateway = stack.use(cluster.startGateway("gateway", { seed, log: sessionLog, meanLifeMs, moveChance }));
  gateway.send({ sessions });
  await need(`${sessions} sessions stand`, () => (gateway.status?.sessions ?? 0) >= sessions, { signal, timeoutMs: 30_000 });
  const held = stack.move();
  return {
    pools,
    get operator() {
      return operator;
    },
    gateway,
    sessionLog,
    async startOperator() {
      await operator.kill();
      operator = await cluster.startOperator();
    },
    scale,
    settled,
    async [Symbol.asyncDispose]() {
      await operator.kill();
      await held.disposeAsync();
    },
  };
}
