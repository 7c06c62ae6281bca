import type { Pipeline, Tenant } from "@troupe/kinds";
import { describe, expect, it } from "vitest";
import { pipelineObject, tenantObject } from "../testing/objects.ts";
import { tenantStatus } from "./tenant-status.ts";

function look(tenant: Tenant, around: { rivals?: readonly Tenant[]; pipeline?: Pipeline } = {}) {
  const sighting = {
    tenant,
    namespaceExists: (name: string) => name !== "nowhere",
    rivals: () => around.rivals ?? [],
    pipeline: (key: string) => (key === "acme/talk" ? around.pipeline : undefined),
  };
  const [condition] = tenantStatus(sighting, 0).conditions;
  return `${condition?.status} ${condition?.reason}`;
}

const quotas = [{ pipeline: "acme/talk", guaranteed: 0, limit: 5, weight: 1 }];

describe("a tenant", () => {
  it("is accepted when all that it names exists", () => {
    expect(look(tenantObject("acme", { quotas }), { pipeline: pipelineObject() })).toBe("True AllFound");
  });

  it.each([
    ["NamespaceUnknown", tenantObject("acme", { namespaces: ["acme", "nowhere"] }), {}],
    ["NamespaceTaken", tenantObject("acme", {}, 5), { rivals: [tenantObject("first", { namespaces: ["acme"] }, 4)] }],
    ["PipelineUnknown", tenantObject("acme", { quotas }), {}],
    ["ResidencyConflict", tenantObject("acme", { quotas, residency: ["eu"] }), { pipeline: pipelineObject({ residency: ["us"] }) }],
  ])("is refused for %s", (reason, tenant, around) => {
    expect(look(tenant, around)).toBe(`False ${reason}`);
  });

  it("keeps its namespace when a later one claims it, and of two of the same second the first by name has it", () => {
    const later = tenantObject("zeta", { namespaces: ["acme"] }, 5);
    expect(look(tenantObject("acme", {}, 4), { rivals: [later] })).toBe("True AllFound");
    expect(look(tenantObject("acme", {}, 5), { rivals: [later] })).toBe("True AllFound");
    expect(look(later, { rivals: [tenantObject("acme", {}, 5)] })).toBe("False NamespaceTaken");
  });
});
