import type { Pipeline, PipelineStage, ResolvedStage, StagePool } from "@troupe/kinds";
import { conditionsOf, type Statement } from "../kube/index.ts";
import { type PipelineNames, resolve } from "./resolve.ts";
import { chooseVersions } from "./rollback.ts";
import { namesSite, servesStage } from "./serves-stage.ts";

export interface PipelineSighting extends PipelineNames {
  readonly pools: readonly StagePool[];
}

/** Conditions of a pipeline and the models that serve it; pure. */
export function pipelineStatus(sighting: PipelineSighting, utcNowMs: number) {
  const { pipeline, pools } = sighting;
  const resolution = resolve(sighting);
  const { resolved, previous, rolledBack } = chooseVersions(pipeline, resolution, pools);
  const statements: readonly Statement[] = [
    resolution.doubt
      ? { type: "Resolved", ...resolution.doubt }
      : { type: "Resolved", status: "True", reason: "AllFound", message: "all models and sites exist and fit" },
    readiness(pipeline, resolved ?? [], pools),
    rolledBack,
  ];
  return {
    observedGeneration: pipeline.metadata.generation ?? 0,
    conditions: conditionsOf(pipeline, statements, utcNowMs),
    resolved,
    previous,
  };
}

function readiness({ spec }: Pipeline, resolved: readonly ResolvedStage[], pools: readonly StagePool[]): Statement {
  const say = (status: "True" | "False", reason: string, message: string): Statement => ({ type: "Ready", status, reason, message });
  if (resolved.length === 0) return say("False", "NotResolved", "no models are chosen yet");
  const needed = spec.stages.filter(({ endpoint }) => endpoint === undefined);
  if (needed.length === 0) return say("True", "AllStagesAdmit", "every stage has a server outside the platform");
  const admitting = pools.filter((pool) => (pool.status?.admittingReplicas ?? 0) > 0 && namesSite(spec, pool.spec.site));
  // A session's stages are all of one site.
  const lacking = [...new Set(admitting.map((pool) => pool.spec.site))].sort().map((site) => {
    const here = admitting.filter((pool) => pool.spec.site === site);
    return { site, stages: needed.filter((one) => !isServed(one, resolved, here)) };
  });
  const nearest = lacking.toSorted((a, b) => a.stages.length - b.stages.length)[0];
  const waiting = (nearest?.stages ?? needed).map(({ stage }) => stage).join(", ");
  if (waiting !== "") {
    const where = nearest && lacking.length > 1 ? ` at ${nearest.site}, the site that lacks least` : "";
    return say("False", "StageNotAdmitting", `no replica admits sessions for ${waiting}${where}`);
  }
  return say("True", "AllStagesAdmit", "every stage has a replica that admits sessions");
}

/** By the rule by which gateways are told of pools. */
function isServed({ stage, backend = "" }: PipelineStage, resolved: readonly ResolvedStage[], pools: readonly StagePool[]): boolean {
  const models = resolved.find((one) => one.stage === stage)?.models.map(({ name }) => name) ?? [];
  return pools.some(({ spec }) => spec.members.some((member) => servesStage(member, { stage, backend, models })));
}
