import { create } from "@bufbuild/protobuf";
import {
  type PoolReport,
  PoolReportSchema,
  type ProfileReport,
  ProfileReportSchema,
  type SiteReport,
  SiteReportSchema,
  type StageDemand,
} from "@troupe/contracts";
import type { Model, StagePool } from "@troupe/kinds";
import type { Decision } from "../../kube/index.ts";

export interface SiteSight {
  readonly site: string;
  readonly appliedGeneration: number;
  readonly refusal: (Decision & { readonly generation: number }) | undefined;
  /** Those of the plan. */
  readonly pools: readonly StagePool[];
  /** Those of the plan. */
  readonly models: readonly Model[];
  readonly nodes: number;
  readonly demand: readonly StageDemand[];
}

const maxMessageLength = 512;

/** What a site says of itself; pure. */
export function siteReport({ pools, models, refusal, demand, ...rest }: SiteSight): SiteReport {
  return create(SiteReportSchema, {
    ...rest,
    ...(refusal && { refusal: { ...refusal, message: refusal.message.slice(0, maxMessageLength) } }),
    pools: pools.map(poolReport).sort((a, b) => (a.name < b.name ? -1 : 1)),
    demand: [...demand],
    profiles: models.flatMap(profileReports),
  });
}

const profileReports = ({ metadata, status }: Model): readonly ProfileReport[] =>
  (status?.profile ?? []).map(({ acceleratorClass, image, sessions, p95EarlyMilliseconds, measuredTime }) => {
    const early = p95EarlyMilliseconds === undefined ? {} : { p95EarlyMs: p95EarlyMilliseconds };
    return create(ProfileReportSchema, { model: metadata.name, acceleratorClass, image, sessions, measuredTime, ...early });
  });

function poolReport({ metadata, status }: StagePool): PoolReport {
  return create(PoolReportSchema, {
    name: metadata.name,
    replicas: status?.replicas ?? 0,
    readyReplicas: status?.readyReplicas ?? 0,
    admittingReplicas: status?.admittingReplicas ?? 0,
    drainingReplicas: status?.drainingReplicas ?? 0,
    updatedReplicas: status?.updatedReplicas ?? 0,
    conditions: (status?.conditions ?? []).map(({ type, status: holds, reason, message }) => ({
      ...{ type, status: holds, reason },
      message: message.slice(0, maxMessageLength),
    })),
  });
}
