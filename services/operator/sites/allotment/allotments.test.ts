import { create } from "@bufbuild/protobuf";
import { StageDemandSchema, type TenantAllotment } from "@troupe/contracts";
import type { Tenant } from "@troupe/kinds";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AllotmentSite, allotTenants } from "./allotments.ts";

const pipeline = "studio/standard";
const tenant = (limit: number, guaranteed = 0, residency: readonly string[] = []) =>
  ({
    metadata: { name: "acme" },
    spec: { namespaces: [], residency, quotas: [{ pipeline, guaranteed, limit, weight: 100 }] },
  }) as unknown as Tenant;
const site = (name: string, change: Partial<AllotmentSite> = {}): AllotmentSite => ({
  ...{ name, residency: ["eu"], state: "open", published: [], confirmed: true, demand: [] },
  ...change,
});
const demand = (active: number, refused = 0, stage = "asr", of = pipeline) =>
  create(StageDemandSchema, { tenant: "acme", pipeline: of, stage, active, refused });
const allot = (one: Tenant, sites: readonly AllotmentSite[]) =>
  allotTenants({ tenants: [one], pipeline: () => undefined, sites, defaultPipeline: pipeline });
const seats = (found: ReadonlyMap<string, readonly TenantAllotment[]>, name: string) => found.get(name)?.[0]?.pipelines[0];

describe("tenants' limits over sites", () => {
  it("count a session once, however many stages it has, and under the default pipeline where it names none", () => {
    const busy = site("b", { demand: [demand(6, 0, "asr", ""), demand(6, 2, "llm", ""), demand(5, 0, "tts", "")] });
    const found = allot(tenant(12), [site("a"), busy]);
    expect(seats(found, "b")?.limit).toBe(10);
    expect(seats(found, "a")?.limit).toBe(2);
  });

  it("leave out sites in which the tenant may not be", () => {
    const found = allot(tenant(10, 4, ["us"]), [site("a"), site("b", { residency: ["us"] })]);
    expect(found.get("a")).toEqual([]);
    expect(seats(found, "b")).toMatchObject({ limit: 10, guaranteed: 4, weight: 100 });
  });

  it("give what a lost site held to others at once, and what a silent one holds to nobody", () => {
    const published = allot(tenant(10), [site("a"), site("b")]);
    const known = (name: string, change: Partial<AllotmentSite> = {}) => site(name, { published: published.get(name) ?? [], ...change });
    expect(seats(allot(tenant(10), [known("a"), known("b", { state: "lost" })]), "a")?.limit).toBe(10);
    expect(seats(allot(tenant(10), [known("a", { demand: [demand(5, 50)] }), known("b", { state: "silent" })]), "a")?.limit).toBe(5);
  });

  it("are never exceeded by what sites work by, whichever plans have reached them", () => {
    const step = fc.record({
      limit: fc.nat(40),
      sites: fc.array(
        fc.record({
          active: fc.nat(30),
          refused: fc.nat(30),
          state: fc.constantFrom("open" as const, "open" as const, "silent" as const),
          /** How many of the plans it has not read yet it reads now. */
          reads: fc.nat(3),
        }),
        { minLength: 3, maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const names = ["a", "b", "c"];
        const most = Math.max(...steps.map(({ limit }) => limit));
        /** Every plan made for a site, and the one that it works by. */
        const plans = new Map(names.map((name) => [name, [[]] as (readonly TenantAllotment[])[]]));
        const works = new Map(names.map((name) => [name, 0]));
        const limitOf = (name: string, at: number) => plans.get(name)?.[at]?.[0]?.pipelines[0]?.limit ?? 0;
        for (const { limit, sites } of steps) {
          const known = names.map((name, at) => {
            const made = plans.get(name) ?? [];
            const { active = 0, refused = 0, state = "open" } = sites[at] ?? {};
            const now = Math.min(active, limitOf(name, works.get(name) ?? 0));
            const confirmed = works.get(name) === made.length - 1;
            return site(name, { state, published: made.at(-1) ?? [], confirmed, demand: [demand(now, refused)] });
          });
          const found = allot(tenant(limit), known);
          for (const name of names) plans.get(name)?.push(found.get(name) ?? []);
          for (const [at, name] of names.entries()) {
            const last = (plans.get(name)?.length ?? 1) - 1;
            works.set(name, Math.min(last, (works.get(name) ?? 0) + (sites[at]?.reads ?? 0)));
          }
          const together = names.reduce((sum, name) => sum + limitOf(name, works.get(name) ?? 0), 0);
          expect(together).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});
