import { labels, type StagePool } from "@troupe/kinds";
import type { ControllerRevision } from "../kube/index.ts";
import type { PodFacts } from "./pod-facts.ts";
import { revisionOf } from "./revision.ts";

/** Name of the record of a template. */
export const revisionName = (pool: StagePool, revision: string): string => `${pool.metadata.name}-${revision}`;

/**
 * Records that are kept no longer: of those that nothing uses, all but the newest `spec.revisionHistoryLimit`. The templates that pods
 * were made from, that the pool wants, and that it last had in all its pods (what a person goes back to) are in use.
 */
export function forgottenRevisions(
  pool: StagePool,
  records: readonly ControllerRevision[],
  pods: readonly Pick<PodFacts, "revision">[],
): readonly ControllerRevision[] {
  const { currentRevision = "", updateRevision = "" } = pool.status ?? {};
  const used = new Set(
    [revisionOf(pool.spec), currentRevision, updateRevision, ...pods.map(({ revision }) => revision)].map((one) => revisionName(pool, one)),
  );
  const unused = records
    .filter(({ metadata }) => metadata.labels?.[labels.pool] === pool.metadata.name && !used.has(metadata.name))
    .sort((a, b) => b.revision - a.revision || (a.metadata.name < b.metadata.name ? -1 : 1));
  return unused.slice(pool.spec.revisionHistoryLimit);
}
