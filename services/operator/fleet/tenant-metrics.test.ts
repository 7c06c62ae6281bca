import { create } from "@bufbuild/protobuf";
import { StageDemandSchema } from "@troupe/contracts";
import type { Tenant } from "@troupe/kinds";
import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { addTenantMetrics } from "./tenant-metrics.ts";

const acme = { spec: { quotas: [{ pipeline: "acme/talk", limit: 40 }] } } as unknown as Tenant;

it("tenants that hold sessions are told of, each site apart, and gone when they hold none", async () => {
  const row = (change: object) => create(StageDemandSchema, { tenant: "acme", pipeline: "acme/talk", stage: "", ...change });
  let here = [
    row({ active: 3, refused: 1 }),
    // A stage's own count, and sessions of tenants that are not counted apart.
    row({ stage: "tts", active: 3 }),
    row({ tenant: "", active: 9 }),
    row({ tenant: "globex", pipeline: "", active: 2 }),
    row({ tenant: "globex", pipeline: "sys/default", active: 1, refused: 4 }),
  ];
  const fleets = new Map([
    ["here", { demand: () => here }],
    ["there", { demand: () => [row({ active: 5 })] }],
  ]);
  const registry = new Registry();
  const tenants = { get: ({ name }: { name: string }) => (name === "acme" ? acme : undefined) };
  addTenantMetrics(registry, { fleets: { all: () => fleets }, tenants, defaultPipeline: "sys/default" });
  const told = async () => (await registry.metrics()).split("\n").filter((line) => /^troupe/.test(line));
  expect(await told()).toEqual([
    'troupe_operator_tenant_sessions{site="here",tenant="acme",pipeline="acme/talk"} 3',
    'troupe_operator_tenant_sessions{site="here",tenant="globex",pipeline="sys/default"} 3',
    'troupe_operator_tenant_sessions{site="there",tenant="acme",pipeline="acme/talk"} 5',
    'troupe_operator_tenant_refused{site="here",tenant="acme",pipeline="acme/talk"} 1',
    'troupe_operator_tenant_refused{site="here",tenant="globex",pipeline="sys/default"} 4',
    'troupe_operator_tenant_refused{site="there",tenant="acme",pipeline="acme/talk"} 0',
    'troupe_operator_tenant_limit{tenant="acme",pipeline="acme/talk"} 40',
  ]);
  here = [];
  expect((await told()).filter((line) => line.includes('"here"') || line.includes("globex"))).toEqual([]);
});
