import { isDeepStrictEqual } from "node:util";
import { create, fromBinary, toJson } from "@bufbuild/protobuf";
import { type SitePlan, SitePlanSchema } from "@troupe/contracts";

/** What a plan says, without its number. */
export type PlanContent = Omit<SitePlan, "generation" | "$typeName" | "$unknown">;

/** Undefined for bytes that are none. */
export function readPlan(bytes: Uint8Array): SitePlan | undefined {
  try {
    return fromBinary(SitePlanSchema, bytes);
  } catch {
    return undefined;
  }
}

/** Whether a site would do the same by both. What the hub notes for itself doesn't count. */
export function sameContent(one: PlanContent, other: PlanContent): boolean {
  return isDeepStrictEqual(contentOf(one), contentOf(other));
}

function contentOf(content: PlanContent): unknown {
  const allotments = content.allotments.map((tenant) => ({
    ...tenant,
    pipelines: tenant.pipelines.filter(({ limit }) => limit > 0).map((one) => ({ ...one, most: 0 })),
  }));
  const heard = allotments.filter(({ pipelines }) => pipelines.length > 0);
  return toJson(SitePlanSchema, create(SitePlanSchema, { ...content, generation: 0, allotments: heard }));
}
