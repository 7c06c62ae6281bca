import { create, type JsonObject, type MessageInitShape } from "@bufbuild/protobuf";
import { SitePlanSchema } from "@troupe/contracts";
import type { Model, StagePool } from "@troupe/kinds";
import { describe, expect, it } from "vitest";
import { judgePlan, type PlanOffer } from "./judge-plan.ts";

const spec = (change: JsonObject = {}): JsonObject => ({
  site: "edge-1",
  acceleratorClass: "cpu",
  members: [{ stage: "tts", models: ["hibari"] }],
  ...change,
});
const plan = (change: MessageInitShape<typeof SitePlanSchema> = {}) =>
  create(SitePlanSchema, {
    site: "edge-1",
    generation: 5,
    pools: [{ name: "voice", spec: spec() }],
    models: [{ name: "hibari", spec: { stage: "tts" } }],
    ...change,
  });
const pool = { metadata: { name: "voice" } } as StagePool;
const model = (own: object) => ({ metadata: { name: "hibari" }, spec: own }) as unknown as Model;
const judge = (offered: PlanOffer["plan"], known: Partial<PlanOffer> = {}) =>
  judgePlan({
    ...{ plan: offered, kept: undefined, site: "edge-1", classes: new Set(["cpu"]), isPlanned: () => true },
    ...{ model: () => undefined, pool: () => undefined, ...known },
  })?.reason;
const allotment = (guaranteed: number, limit: number) => [{ tenant: "acme", pipelines: [{ pipeline: "a/b", guaranteed, limit }] }];

describe("a plan that is offered to a site", () => {
  it("is taken where all of it is known, again as well, and with a higher number than the one before", () => {
    expect(judge(plan())).toBeUndefined();
    expect(judge(plan(), { kept: plan() })).toBeUndefined();
    expect(judge(plan(), { kept: plan({ generation: 4 }), pool: () => pool, model: () => model({ stage: "tts" }) })).toBeUndefined();
    expect(judge(plan({ allotments: allotment(2, 2) }))).toBeUndefined();
  });

  it.each([
    ["another site", plan({ site: "edge-2" }), {}, "OtherSite"],
    ["a lower number", plan(), { kept: plan({ generation: 6 }) }, "GenerationLower"],
    ["the number of another plan", plan(), { kept: plan({ pools: [] }) }, "GenerationReused"],
    ["no number", plan({ generation: 0 }), {}, "GenerationMissing"],
    ["a pool without a spec", plan({ pools: [{ name: "voice" }] }), {}, "PlanMalformed"],
    ["a pool twice", plan({ pools: [1, 2].map(() => ({ name: "voice", spec: spec() })) }), {}, "PlanMalformed"],
    ["a pool of another site", plan({ pools: [{ name: "voice", spec: spec({ site: "main" }) }] }), {}, "PoolOfOtherSite"],
    ["an unknown class", plan(), { classes: new Set(["gpu"]) }, "ClassUnknown"],
    ["a class that is no name", plan({ pools: [{ name: "voice", spec: spec({ acceleratorClass: 7 }) }] }), {}, "ClassUnknown"],
    ["a model that is nowhere", plan({ models: [] }), {}, "ModelUnknown"],
    ["another model of the name", plan(), { model: () => model({ stage: "asr" }) }, "ModelDiffers"],
    ["a pool of the site's own", plan(), { pool: () => pool, isPlanned: () => false }, "PoolTaken"],
    ["more guaranteed than allowed", plan({ allotments: allotment(3, 2) }), {}, "AllotmentInvalid"],
  ] as const)("is refused for %s", (_, offered, known, reason) => {
    expect(judge(offered, known)).toBe(reason);
  });

  it("is refused for its number before anything else is looked at", () => {
    expect(judge(plan(), { kept: plan({ generation: 6 }), classes: new Set() })).toBe("GenerationLower");
  });

  it("needs no model in it that the cluster has", () => {
    expect(judge(plan({ models: [] }), { model: () => model({ stage: "tts" }) })).toBeUndefined();
  });
});
