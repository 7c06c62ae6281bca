import type { Pipeline, ResolvedStage, StagePool } from "@troupe/kinds";
import { conditionOf, type Statement } from "../kube/index.ts";
import type { Resolution } from "./resolve.ts";

export interface Versions {
  readonly resolved: readonly ResolvedStage[] | undefined;
  readonly previous: readonly ResolvedStage[] | undefined;
  readonly rolledBack: Statement;
}

const say = (status: Statement["status"], reason: string, message: string): Statement => ({ type: "RolledBack", status, reason, message });
const notRolledBack = say("False", "NotRolledBack", "the models are those that the spec names");

/**
 * Which models serve the pipeline: those of the spec, unless a pool of models that are new in it crash-loops; then those from before.
 * A rollback holds until the spec changes.
 */
export function chooseVersions(pipeline: Pipeline, resolution: Resolution, pools: readonly StagePool[]): Versions {
  const { resolved, previous } = pipeline.status ?? {};
  const before = conditionOf(pipeline, "RolledBack");
  const held = before?.status === "True" && before.observedGeneration === pipeline.metadata.generation;
  if (held) return { resolved, previous, rolledBack: say("True", before.reason, before.message) };
  const wanted = resolution.stages ?? resolved;
  const isNew = idsOf(wanted) !== idsOf(resolved);
  if (isNew) return { resolved: wanted, previous: resolved ?? previous, rolledBack: notRolledBack };
  const crashing = resolved && previous && firstCrashing(resolved, previous, pools);
  if (!crashing) return { resolved, previous, rolledBack: notRolledBack };
  const { pool, model, message } = crashing;
  const told = `model ${model} in pool ${pool} ends again and again (${message}); back to ${namesOf(previous)}`;
  return { resolved: previous, previous, rolledBack: say("True", "ModelCrashLoop", told) };
}

function firstCrashing(resolved: readonly ResolvedStage[], previous: readonly ResolvedStage[], pools: readonly StagePool[]) {
  const known = new Set(previous.flatMap(({ models }) => models.map(({ uid }) => uid)));
  const fresh = new Set(resolved.flatMap(({ models }) => models.filter(({ uid }) => !known.has(uid)).map(({ name }) => name)));
  for (const pool of pools) {
    const healthy = conditionOf(pool, "Healthy");
    const model = pool.spec.members.flatMap(({ models }) => models).find((name) => fresh.has(name));
    if (model !== undefined && healthy?.status === "False") return { pool: pool.metadata.name, model, message: healthy.message };
  }
  return undefined;
}

const namesOf = (stages: readonly ResolvedStage[]) => stages.flatMap(({ models }) => models.map(({ name }) => name)).join(", ");

/** Lists are compared as sets: the API server keeps an order of its own. */
const idsOf = (stages: readonly ResolvedStage[] | undefined) =>
  stages
    ?.flatMap(({ stage, models }) => [stage, ...models.map(({ name, uid }) => `${stage} ${name} ${uid}`)])
    .sort()
    .join();
