import { create } from "@bufbuild/protobuf";
import { type PipelineRoute, PipelineRouteSchema, type SiteRoutes, SiteRoutesSchema, StageRouteSchema } from "@troupe/contracts";
import type { StagePool } from "@troupe/kinds";
import { type RoutedStage, servesStage } from "../../pipeline/index.ts";

/** A pipeline as its models are resolved. */
export interface RoutedPipeline {
  /** `namespace/name`. */
  readonly name: string;
  /** Those that the platform's own replicas serve. */
  readonly stages: readonly RoutedStage[];
}

export interface RoutesInput {
  readonly site: string;
  /** `namespace/name`. */
  readonly defaultPipeline: string;
  /** Those that may run at the site. */
  readonly pipelines: readonly RoutedPipeline[];
  /** Of all sites. */
  readonly pools: readonly StagePool[];
  /** What gateways were told before. */
  readonly before: SiteRoutes | undefined;
}

/**
 * Which pools serve which pipeline at a site, all sorted by name. A pool serves a pipeline's stage with the same backend and all of the
 * models. Pools that served it before stay known as long as they are there and no pipeline has them, so that a new version of a
 * pipeline refuses nobody while its pools start. Pure.
 */
export function siteRoutes({ site, defaultPipeline, pipelines, pools, before }: RoutesInput): SiteRoutes {
  const here = pools.filter(({ spec }) => spec.site === site).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const routes = [...pipelines].sort((a, b) => (a.name < b.name ? -1 : 1)).map((pipeline) => routeOf(pipeline, here));
  const taken = new Set(routes.flatMap(({ stages }) => stages.flatMap((route) => route.pools)));
  for (const { pipeline, stages } of routes) {
    const former = before?.pipelines.find((one) => one.pipeline === pipeline);
    for (const route of stages) {
      const known = former?.stages.find(({ stage }) => stage === route.stage);
      const names = new Set([...(known?.pools ?? []), ...(known?.formerPools ?? [])]);
      route.formerPools = here.flatMap(({ metadata: { name } }) => (names.has(name) && !taken.has(name) ? [name] : []));
    }
  }
  return create(SiteRoutesSchema, { defaultPipeline, pipelines: routes });
}

const routeOf = ({ name, stages }: RoutedPipeline, pools: readonly StagePool[]): PipelineRoute =>
  create(PipelineRouteSchema, {
    pipeline: name,
    stages: stages.map((stage) =>
      create(StageRouteSchema, {
        stage: stage.stage,
        pools: pools.filter(({ spec }) => spec.members.some((member) => servesStage(member, stage))).map(({ metadata }) => metadata.name),
      }),
    ),
  });
