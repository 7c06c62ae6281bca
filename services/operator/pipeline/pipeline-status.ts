import type { Pipeline, ResolvedStage, StagePool } from "@troupe/kinds";
import { conditionsOf, type Statement } from "../kube/index.ts";
import { type PipelineNames, resolve } from "./resolve.ts";
import { chooseVersions } from "./rollback.ts";

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
  const waiting = spec.stages.filter(({ endpoint, stage }) => endpoint === undefined && !isServed(stage, resolved, pools));
  if (waiting.length > 0) {
    return say("False", "StageNotAdmitting", `no replica admits sessions for ${waiting.map(({ stage }) => stage).join(", ")}`);
  }
  return say("True", "AllStagesAdmit", "every stage has a replica that admits sessions");
}

function isServed(stage: string, resolved: readonly ResolvedStage[], pools: readonly StagePool[]): boolean {
  const names = resolved.find((one) => one.stage === stage)?.models.map(({ name }) => name) ?? [];
  return pools.some(
    ({ spec, status }) =>
      (status?.admittingReplicas ?? 0) > 0 &&
      spec.members.some((member) => member.stage === stage && (names.length === 0 || member.models.some((model) => names.includes(model)))),
  );
}
