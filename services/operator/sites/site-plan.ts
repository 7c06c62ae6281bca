import { isDeepStrictEqual } from "node:util";
import { create, fromBinary, toJson } from "@bufbuild/protobuf";
import { type PipelineAllotment, type SitePlan, SitePlanSchema, type TenantAllotment } from "@troupe/contracts";

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
  return sameAllotments(one.allotments, other.allotments) && isDeepStrictEqual(objectsOf(one), objectsOf(other));
}

const objectsOf = (content: PlanContent): unknown =>
  toJson(SitePlanSchema, create(SitePlanSchema, { ...content, generation: 0, allotments: [] }));

/** Both in the same order; there may be ten thousand. */
function sameAllotments(one: PlanContent["allotments"], other: PlanContent["allotments"]): boolean {
  const some = one.flatMap(spentOf);
  const others = other.flatMap(spentOf);
  return some.length === others.length && some.every((each, at) => isSame(each, others[at]));
}

interface Spent {
  readonly tenant: string;
  readonly allotment: PipelineAllotment;
}

const spentOf = ({ tenant, pipelines }: TenantAllotment): readonly Spent[] =>
  pipelines.filter(({ limit }) => limit > 0).map((allotment) => ({ tenant, allotment }));

function isSame({ tenant, allotment }: Spent, other: Spent | undefined): boolean {
  if (tenant !== other?.tenant) return false;
  const { pipeline, guaranteed, limit, weight } = other.allotment;
  return allotment.pipeline === pipeline && allotment.guaranteed === guaranteed && allotment.limit === limit && allotment.weight === weight;
}
