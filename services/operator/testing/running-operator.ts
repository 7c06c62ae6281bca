import { join } from "node:path";
import { type Bus, createMemoryBroker } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { createGrants } from "@troupe/session";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { createAvatarCatalogue } from "../avatar/index.ts";
import { type Loop, loopsOf, type Operations, runLoops } from "../controllers.ts";
import { type Informers, startInformers } from "../informers.ts";
import { createKubeApi, createOperatorMetrics, type Informer, type KubeApi, type KubeObject, type OperatorMetrics } from "../kube/index.ts";
import { quiet } from "../kube/testing/cluster.ts";
import { createModelCatalogue, followKeptProfiles } from "../model/index.ts";
import { noSiteReports, type SiteReports } from "../site/index.ts";
import { createLocalFleets } from "../sites/index.ts";

const root = join(import.meta.dirname, "../../..");

export interface RunningOperator extends AsyncDisposable {
  readonly informers: Informers;
  readonly metrics: OperatorMetrics;
  /** Resolves when nothing is left to be done: every loop has come to rest. */
  stop(): Promise<void>;
}

export interface RunningOperatorOptions {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly siteReports?: SiteReports;
  /** Default: one in memory, where nobody else is. */
  readonly bus?: Bus;
  /** Which loops run; default: all but that of stage pools, so that a test may say what a pool's status is. */
  readonly runs?: (loop: Loop) => boolean;
}

/** The operator's loops in this process, over a bus in memory, without an election. */
export async function startRunningOperator(options: RunningOperatorOptions): Promise<RunningOperator> {
  const { kubeconfig, namespace, siteReports = noSiteReports, runs = ({ controller }) => controller.name !== "stage-pool" } = options;
  const api = await createKubeApi({ kubeconfig });
  const metrics = createOperatorMetrics(new Registry());
  const informers = startInformers({ api, clock: systemClock, logger: quiet, metrics }, namespace);
  const grants = createGrants(new TextEncoder().encode("-".repeat(32)));
  const bus = options.bus ?? createMemoryBroker().connect();
  const fleets = createLocalFleets({ bus, clock: systemClock, grants, sites: informers.sites }, "local");
  const kept = await followKeptProfiles({ bus, logger: quiet });
  const operations: Operations = {
    bus,
    clock: systemClock,
    logger: quiet,
    metrics,
    informers,
    fleets,
    kept,
    siteReports,
    models: createModelCatalogue(join(root, "models")),
    avatars: createAvatarCatalogue(join(root, "models/avatars")),
    utcNowMs: Date.now,
    drainTaints: [],
  };
  const abort = new AbortController();
  const running = runLoops(operations, loopsOf(operations, api).filter(runs), abort.signal);
  await informers.synced;
  async function stop(): Promise<void> {
    abort.abort(new ServiceError("CANCELLED", "the test ends"));
    await running;
    await informers[Symbol.asyncDispose]();
    fleets[Symbol.dispose]();
    kept[Symbol.dispose]();
    await api[Symbol.asyncDispose]();
  }
  return { informers, metrics, stop, [Symbol.asyncDispose]: stop };
}

/** Somebody outside who looks at the cluster, over a connection of their own. */
export async function startObserver(
  kubeconfig: string,
  namespace: string,
): Promise<{ readonly api: KubeApi; readonly seen: Informers } & AsyncDisposable> {
  const api = await createKubeApi({ kubeconfig });
  const seen = startInformers({ api, clock: systemClock, logger: quiet }, namespace);
  await seen.synced;
  return {
    api,
    seen,
    async [Symbol.asyncDispose]() {
      await seen[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

/** Resolves with the first event of the informer after which `look` gives something. The test's time limit ends it. */
export async function sees<T extends KubeObject, Result>(informer: Informer<T>, look: () => Result | undefined): Promise<Result> {
  const found = Promise.withResolvers<Result>();
  const tryIt = () => {
    const result = look();
    if (result !== undefined) found.resolve(result);
  };
  const end = informer.on(tryIt);
  tryIt();
  return found.promise.finally(end);
}
