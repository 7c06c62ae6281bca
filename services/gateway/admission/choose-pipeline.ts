import type { PipelineAllotment, SiteRoutes } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";

export interface PipelineOffer {
  /** Undefined: nobody has said which pipelines there are. */
  readonly routes: SiteRoutes | undefined;
  /** Undefined: tenants are not limited. */
  readonly allotments: readonly PipelineAllotment[] | undefined;
}

/**
 * The pipeline of a session. One that names none has the site's default, if its tenant may use that, or else the tenant's first by name.
 * Whether the tenant has any session of the one that it names is a matter of its limit: its seats may be at other sites at the moment.
 * @returns empty: there are no pipelines
 * @throws ServiceError PIPELINE_UNKNOWN
 */
export function choosePipeline(named: string, { routes, allotments }: PipelineOffer): string {
  const exists = (pipeline: string) => routes?.pipelines.some((route) => route.pipeline === pipeline) ?? false;
  if (named !== "") {
    if (exists(named)) return named;
    const pipeline = named.slice(0, 317);
    throw new ServiceError("PIPELINE_UNKNOWN", `there is no pipeline "${pipeline}" at this site`, {
      metadata: { pipeline, param: "pipeline" },
    });
  }
  const standard = routes && exists(routes.defaultPipeline) ? routes.defaultPipeline : "";
  if (!allotments) return standard;
  const own = allotments.map(({ pipeline }) => pipeline).filter((pipeline) => !routes || exists(pipeline));
  return own.includes(standard) ? standard : (own.sort()[0] ?? standard);
}
