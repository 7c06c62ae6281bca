import { isDeepStrictEqual } from "node:util";
import type { JsonValue } from "@bufbuild/protobuf";
import type { SitePlan } from "@troupe/contracts";
import type { Model, StagePool } from "@troupe/kinds";
import { type Decision, decide, type Policy } from "../../kube/index.ts";
import { sameContent } from "../site-plan.ts";

/** A plan that the hub offers, and what the site knows. */
export interface PlanOffer {
  readonly plan: SitePlan;
  /** The plan that the site keeps. */
  readonly kept: SitePlan | undefined;
  /** Name of the site. */
  readonly site: string;
  /** AcceleratorClasses of this cluster. */
  readonly classes: ReadonlySet<string>;
  readonly model: (name: string) => Model | undefined;
  readonly pool: (name: string) => StagePool | undefined;
  /** Whether a pool comes from a plan. */
  readonly isPlanned: (pool: StagePool) => boolean;
}

/** What is read of a pool's spec before the API server checks the whole of it. */
export interface PlannedSpec {
  readonly site?: JsonValue;
  readonly acceleratorClass?: JsonValue;
  readonly members?: JsonValue;
}

/** Why a plan is not run; the first that speaks. Its objects' schemas are the API server's to check, after these. */
const refusals: readonly Policy<PlanOffer>[] = [
  ({ plan, site }) =>
    plan.site === site ? undefined : { reason: "OtherSite", message: `the plan is for site ${plan.site}, this is ${site}` },
  ({ plan, kept }) =>
    kept && plan.generation < kept.generation
      ? { reason: "GenerationLower", message: `plan ${plan.generation} is older than plan ${kept.generation}, which the site runs` }
      : undefined,
  ({ plan, kept }) =>
    kept?.generation === plan.generation && !sameContent(plan, kept)
      ? { reason: "GenerationReused", message: `the site runs another plan with the number ${plan.generation}` }
      : undefined,
  ({ plan }) => (plan.generation === 0 ? { reason: "GenerationMissing", message: "the plan has no number" } : undefined),
  ({ plan }) => {
    const names = [...plan.pools.map(({ name }) => `pool ${name}`), ...plan.models.map(({ name }) => `model ${name}`)];
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    const nameless = [...plan.pools, ...plan.models].some(({ name, spec }) => name === "" || spec === undefined);
    if (nameless) return { reason: "PlanMalformed", message: "a pool or a model of the plan has no name or says nothing" };
    return twice ? { reason: "PlanMalformed", message: `the plan has the ${twice} twice` } : undefined;
  },
  ({ plan, site }) => {
    const astray = plan.pools.find(({ spec }) => (spec as PlannedSpec).site !== site);
    return astray && { reason: "PoolOfOtherSite", message: `pool ${astray.name} is of site ${text((astray.spec as PlannedSpec).site)}` };
  },
  ({ plan, classes }) => {
    const unknown = plan.pools.find(({ spec }) => !classes.has(text((spec as PlannedSpec).acceleratorClass)));
    if (!unknown) return undefined;
    const name = text((unknown.spec as PlannedSpec).acceleratorClass);
    return { reason: "ClassUnknown", message: `pool ${unknown.name} is for the class ${name}, which this cluster does not have` };
  },
  ({ plan, model }) => {
    const planned = new Set(plan.models.map(({ name }) => name));
    for (const { name, spec } of plan.pools) {
      const missing = modelsOf(spec as PlannedSpec).find((one) => !planned.has(one) && !model(one));
      if (missing !== undefined)
        return { reason: "ModelUnknown", message: `pool ${name} loads the model ${missing}, which is neither in the plan nor here` };
    }
    return undefined;
  },
  ({ plan, model }) => {
    const other = plan.models.find(({ name, spec }) => {
      const here = model(name);
      return here !== undefined && !isDeepStrictEqual(JSON.parse(JSON.stringify(here.spec)), spec);
    });
    return other && { reason: "ModelDiffers", message: `this cluster has another model ${other.name}; models never change` };
  },
  ({ plan, pool, isPlanned }) => {
    const taken = plan.pools.find(({ name }) => {
      const here = pool(name);
      return here !== undefined && !isPlanned(here);
    });
    return taken && { reason: "PoolTaken", message: `this cluster has a pool ${taken.name} of its own` };
  },
  ({ plan }) => {
    for (const { tenant, pipelines } of plan.allotments) {
      const wrong = pipelines.find(({ guaranteed, limit }) => guaranteed > limit);
      if (wrong)
        return {
          reason: "AllotmentInvalid",
          message: `tenant ${tenant} has ${wrong.guaranteed} sessions of ${wrong.pipeline} guaranteed, and ${wrong.limit} at most`,
        };
    }
    return undefined;
  },
];

/** Why the site does not run a plan; undefined: it may. Pure. */
export const judgePlan = (offer: PlanOffer): Decision | undefined => decide(refusals, offer);

const text = (value: JsonValue | undefined): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "none"));

function modelsOf({ members }: PlannedSpec): readonly string[] {
  if (!Array.isArray(members)) return [];
  return members.flatMap((member) => {
    const models = member !== null && typeof member === "object" && !Array.isArray(member) ? member["models"] : undefined;
    return Array.isArray(models) ? models.filter((one) => typeof one === "string") : [];
  });
}
