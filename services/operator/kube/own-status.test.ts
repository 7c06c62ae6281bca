import { describe, expect, it } from "vitest";
import { tenantObject } from "../testing/objects.ts";
import { conditionsOf, statusPatch } from "./own-status.ts";

const accepted = { type: "Accepted", status: "True", reason: "AllFound", message: "fine" } as const;
const nowMs = Date.UTC(2026, 0, 1);

describe("a controller's part of a status", () => {
  const tenant = tenantObject("acme");
  const own = { observedGeneration: 1, conditions: conditionsOf(tenant, [accepted], nowMs) };

  it("is written with the version that was read, and without what is taken away", () => {
    expect(statusPatch(tenant, { ...own, extra: undefined })).toEqual({ metadata: { name: "acme", resourceVersion: "1" }, status: own });
  });

  it("is not written when it says nothing new, whatever others have written beside it", () => {
    const foreign = { ...accepted, type: "Paid", observedGeneration: 1, lastTransitionTime: "2026-01-01T00:00:00Z" };
    const there = { ...tenant, status: { ...own, conditions: [foreign, ...own.conditions] } };
    expect(statusPatch(there, { ...own, conditions: conditionsOf(there, [accepted], nowMs + 60_000) })).toBeUndefined();
  });

  it("is written when a field of it is to go", () => {
    const there = { ...tenant, status: { ...own, extra: "old" } };
    expect(statusPatch(there, { ...own, extra: undefined })).toMatchObject({ status: own });
  });

  it("keeps to the length that the kinds allow for a message", () => {
    const [condition] = conditionsOf(tenant, [{ ...accepted, message: "x".repeat(5000) }], nowMs);
    expect(condition?.message).toHaveLength(1024);
  });
});
