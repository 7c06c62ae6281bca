import { fromBinary } from "@bufbuild/protobuf";
import { type Announcement, type SessionContext, type SiteRoutes, SiteRoutesSchema } from "@troupe/contracts";
import { siteBuckets } from "@troupe/session";
import type { StageName } from "@troupe/stage";
import { SiteBucket, type SiteBucketDeps } from "./site-bucket.ts";

/** Which replicas may serve a session, by its pipeline. */
export interface Routes extends Disposable {
  /** What the operator has said; undefined: nothing, so every replica serves everybody. @throws ServiceError STORE_UNAVAILABLE */
  current(): Promise<SiteRoutes | undefined>;
  /** Of the replicas those that may serve the session, the best first. */
  choose(context: SessionContext, stage: StageName, replicas: readonly Announcement[]): readonly Announcement[];
}

/** Follows what the operator says of the site's pools. */
export function followRoutes(deps: SiteBucketDeps, site: string): Routes {
  // Sessions that move ask nobody to wait.
  const onChange = () => void current().catch(() => undefined);
  const bucket = new SiteBucket(deps, siteBuckets.routes, (key) => key === site, onChange);
  let bytes: Uint8Array | undefined;
  let routes: SiteRoutes | undefined;
  async function current(): Promise<SiteRoutes | undefined> {
    await bucket.tried;
    const value = await bucket.get(site);
    if (value !== bytes) routes = value && fromBinary(SiteRoutesSchema, value);
    bytes = value;
    return routes;
  }
  return {
    current,
    choose: ({ pipeline }, stage, replicas) => (routes ? chooseReplicas(routes, pipeline, stage, replicas) : replicas),
    [Symbol.dispose]: () => bucket[Symbol.dispose](),
  };
}

/**
 * Replicas of a pool serve the pipelines that the pool is for, those of no pool serve all. Former pools come last. A session without a
 * pipeline, or whose pipeline is gone meanwhile, goes where no pipeline has its own.
 * @param replicas the best first
 */
export function chooseReplicas(
  { pipelines }: SiteRoutes,
  pipeline: string,
  stage: string,
  replicas: readonly Announcement[],
): readonly Announcement[] {
  const own = pipelines.find((one) => one.pipeline === pipeline);
  if (!own) {
    const taken = new Set(pipelines.flatMap(({ stages }) => stages.flatMap(({ pools }) => pools)));
    return replicas.filter(({ pool }) => !taken.has(pool));
  }
  const route = own.stages.find((one) => one.stage === stage);
  const now = replicas.filter(({ pool }) => pool === "" || route?.pools.includes(pool));
  const former = replicas.filter(({ pool }) => route?.formerPools.includes(pool));
  return [...now, ...former];
}
