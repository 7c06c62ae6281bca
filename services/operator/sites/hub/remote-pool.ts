import type { PoolReport } from "@troupe/contracts";
import { fieldManager, kinds, type Site, type StagePool } from "@troupe/kinds";
import {
  applyOwnStatus,
  type Condition,
  type Controller,
  conditionsOf,
  type Informer,
  type KubeApi,
  objectKey,
  refOf,
  type WorkQueue,
} from "../../kube/index.ts";
import type { HubReports } from "./reports.ts";

export interface RemotePoolDeps {
  readonly api: Pick<KubeApi, "applyStatus">;
  readonly pools: Informer<StagePool>;
  readonly sites: Informer<Site>;
  readonly reports: Pick<HubReports, "messageOf" | "reportOf" | "planGenerationOf" | "onChange">;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

const taken: readonly string[] = ["Available", "Progressing", "Healthy"];

/** Writes the status of pools that run in other clusters, as their sites report it. A silent site's pools stay as they were. */
export function createRemotePoolController({ api, pools, sites, reports, utcNowMs }: RemotePoolDeps): Controller {
  const manager = fieldManager("remote-pool");
  return {
    name: "remote-pool",
    async reconcile(key, signal) {
      const pool = pools.get(refOf(key));
      if (!pool || !isRemote(sites, pool)) return undefined;
      const report = reports.messageOf(pool.spec.site);
      const found = report?.pools.find(({ name }) => name === pool.metadata.name);
      if (!report || !found) return undefined;
      const current = report.appliedGeneration >= (reports.planGenerationOf(pool.spec.site) ?? Number.POSITIVE_INFINITY);
      const status = remotePoolStatus(pool, found, { current, utcNowMs: utcNowMs() });
      await applyOwnStatus(api, kinds.stagePools, pool, status, { fieldManager: manager, signal });
      return undefined;
    },
  };
}

/** @param state.current whether the site runs the newest plan, so that its counts are about this spec */
export function remotePoolStatus(pool: StagePool, report: PoolReport, state: { readonly current: boolean; readonly utcNowMs: number }) {
  const { replicas, readyReplicas, admittingReplicas, drainingReplicas, updatedReplicas, conditions } = report;
  const statements = conditions
    .filter(({ type }) => taken.includes(type))
    .map(({ type, status, reason, message }) => ({ type, status: status as Condition["status"], reason, message }));
  const observedGeneration = state.current ? pool.metadata.generation : pool.status?.observedGeneration;
  return {
    observedGeneration,
    conditions: conditionsOf(pool, statements, state.utcNowMs),
    ...{ replicas, readyReplicas, admittingReplicas, drainingReplicas, updatedReplicas },
  };
}

const isRemote = (sites: Informer<Site>, pool: StagePool): boolean => (sites.get({ name: pool.spec.site })?.spec.cluster ?? "") !== "";

/** @returns what ends it */
export function triggerRemotePools({ pools, sites, reports }: Omit<RemotePoolDeps, "api" | "utcNowMs">, queue: WorkQueue): () => void {
  const ofSite = (site: string) => {
    for (const pool of pools.list()) if (pool.spec.site === site) queue.add(objectKey(pool));
  };
  const ends = [
    pools.on(({ object }) => queue.add(objectKey(object))),
    sites.on(({ type, object }) => type === "added" && ofSite(object.metadata.name)),
    reports.onChange(ofSite),
  ];
  return () => {
    for (const end of ends) end();
  };
}
