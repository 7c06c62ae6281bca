import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { KeyValueStore } from "@troupe/bus";
import { type SiteRoutes, SiteRoutesSchema } from "@troupe/contracts";
import type { Pipeline, StagePool } from "@troupe/kinds";
import { type Controller, type Informer, objectKey, type WorkQueue } from "../../kube/index.ts";
import { type RoutedPipeline, siteRoutes } from "./site-routes.ts";

export interface RoutesDeps {
  readonly pools: Pick<Informer<StagePool>, "list">;
  /** The bucket "routes". */
  readonly store: KeyValueStore;
  /** Sites whose gateways read it. */
  readonly sites: () => readonly string[];
  /** Those that may run at a site; undefined: nothing is known of them yet. */
  readonly pipelines: (site: string) => Promise<readonly RoutedPipeline[] | undefined>;
}

export interface RoutesOptions {
  /** Pipeline of sessions that name none, as `namespace/name`. */
  readonly defaultPipeline: string;
}

export const routesKey = "routes";
const gatherMs = 100;
/** What changes without an event is seen so late: a plan that the hub has made. */
const lookAgainMs = 5000;

/** Tells gateways which pools serve which pipeline. */
export function createRoutesController({ pools, store, sites, pipelines }: RoutesDeps, { defaultPipeline }: RoutesOptions): Controller {
  async function publish(site: string): Promise<void> {
    const known = await pipelines(site);
    if (!known) return;
    const entry = await store.get(site);
    const before = entry && readRoutes(entry.value);
    const value = toBinary(SiteRoutesSchema, siteRoutes({ site, defaultPipeline, pipelines: known, pools: pools.list(), before }));
    if (!entry) await store.create(site, value);
    else if (!Buffer.from(entry.value).equals(value)) await store.update(site, value, entry.revision);
  }

  return {
    name: "routes",
    async reconcile() {
      const outcomes = await Promise.allSettled(sites().map(publish));
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed) throw failed.reason;
      return { requeueAfterMs: lookAgainMs };
    },
  };
}

/** @returns what ends it */
export function triggerRoutes(informers: readonly { on(handler: () => void): () => void }[], queue: WorkQueue): () => void {
  const ends = informers.map((informer) => informer.on(() => queue.addAfter(routesKey, gatherMs)));
  queue.add(routesKey);
  return () => {
    for (const end of ends) end();
  };
}

/** A Pipeline object as its controller has resolved it; stages with a server outside the platform need no pool. */
export function routedPipeline(pipeline: Pipeline): RoutedPipeline {
  const resolved = new Map(pipeline.status?.resolved?.map(({ stage, models }) => [stage, models.map(({ name }) => name)]));
  const stages = pipeline.spec.stages.filter(({ endpoint, stage }) => endpoint === undefined && resolved.has(stage));
  return {
    name: objectKey(pipeline),
    stages: stages.map(({ stage, backend = "" }) => ({ stage, backend, models: resolved.get(stage) ?? [] })),
  };
}

/** Undefined for bytes that are none. */
function readRoutes(bytes: Uint8Array): SiteRoutes | undefined {
  try {
    return fromBinary(SiteRoutesSchema, bytes);
  } catch {
    return undefined;
  }
}
