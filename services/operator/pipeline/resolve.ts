import type { Model, Pipeline, ResolvedStage, Site } from "@troupe/kinds";
import { conditionOf, decide, type Policy, type Statement } from "../kube/index.ts";
import { speaks } from "../model/index.ts";

/** A pipeline and what its names stand for. */
export interface PipelineNames {
  readonly pipeline: Pipeline;
  readonly model: (name: string) => Model | undefined;
  readonly site: (name: string) => Site | undefined;
}

type Doubt = Omit<Statement, "type">;
const no = (reason: string, message: string): Doubt => ({ status: "False", reason, message });

/** The first thing that any of the models a stage names makes wrong. */
function firstModel(
  names: PipelineNames,
  look: (model: Model, at: { stage: string; covers: readonly string[]; languages: readonly string[] }) => Doubt | undefined,
) {
  for (const { stage, covers, models } of names.pipeline.spec.stages) {
    for (const { model: name, languages } of models) {
      const model = names.model(name);
      const doubt = model && look(model, { stage, covers, languages });
      if (doubt) return doubt;
    }
  }
  return undefined;
}

/** Why a pipeline can't be served as it is written; the first that speaks. */
const doubts: readonly Policy<PipelineNames, Doubt>[] = [
  ({ pipeline, site }) => {
    const missing = pipeline.spec.sites.filter((name) => !site(name));
    return missing.length > 0 ? no("SiteUnknown", `there is no site ${missing.join(", ")}`) : undefined;
  },
  ({ pipeline, model }) => {
    const missing = pipeline.spec.stages.flatMap((stage) => stage.models.map((one) => one.model)).filter((name) => !model(name));
    return missing.length > 0 ? no("ModelUnknown", `there is no model ${[...new Set(missing)].join(", ")}`) : undefined;
  },
  (names) =>
    firstModel(names, ({ metadata, spec }, { stage, covers }) =>
      spec.stage === stage || covers.includes(spec.stage)
        ? undefined
        : no("ModelOfOtherStage", `model ${metadata.name} is of stage ${spec.stage}, not ${stage}`),
    ),
  (names) =>
    firstModel(names, ({ metadata, spec }, { languages }) => {
      const foreign = spec.languages.length === 0 ? [] : languages.filter((language) => !speaks(spec.languages, language));
      return foreign.length > 0 ? no("LanguageUnserved", `model ${metadata.name} does not serve ${foreign.join(", ")}`) : undefined;
    }),
  (names) =>
    firstModel(names, (model) => {
      const verified = conditionOf(model, "Verified");
      return verified?.status === "False" ? no("ModelRefused", `model ${model.metadata.name}: ${verified.message}`) : undefined;
    }),
  (names) =>
    firstModel(names, (model) =>
      conditionOf(model, "Verified")?.status === "True"
        ? undefined
        : { status: "Unknown", reason: "ModelUnverified", message: `model ${model.metadata.name} is being verified` },
    ),
];

export type Resolution =
  | { readonly doubt: Doubt; readonly stages?: undefined }
  | { readonly doubt?: undefined; readonly stages: readonly ResolvedStage[] };

/** The Model objects that the pipeline names, each stage's by name, or why it can't be served. */
export function resolve(names: PipelineNames): Resolution {
  const doubt = decide(doubts, names);
  if (doubt) return { doubt };
  return {
    stages: names.pipeline.spec.stages.map(({ stage, models }) => ({
      stage,
      models: [...new Set(models.map(({ model }) => model))].sort().map((name) => ({ name, uid: names.model(name)?.metadata.uid ?? "" })),
    })),
  };
}
