import type { StagePool } from "@troupe/kinds";

/** Whether the operator says, of this generation or a later one, that so many replicas are there, that all admit, and that none leaves or comes. */
export function isSettled(pool: StagePool | undefined, replicas: number, generation = pool?.metadata.generation ?? 1): boolean {
  const { status } = pool ?? {};
  const progressing = status?.conditions?.find(({ type }) => type === "Progressing");
  const isCurrent = (status?.observedGeneration ?? 0) >= generation;
  return isCurrent && progressing?.reason === "Settled" && status?.admittingReplicas === replicas && status.replicas === replicas;
}
