import { isDeepStrictEqual } from "node:util";
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
const allotAll = (tenants: readonly Tenant[], sites: readonly AllotmentSite[]) =>
  allotTenants({ tenants, pipeline: () => undefined, sites, defaultPipeline: pipeline });
const allot = (one: Tenant, sites: readonly AllotmentSite[]) => allotAll([one], sites);
const seats = (found: ReadonlyMap<string, readonly TenantAllotment[]>, name: string) => found.get(name)?.[0]?.pipelines[0];

const calm = { active: 0, refused: 0, state: "open" as "open" | "silent", reads: 0, forgotten: false, republished: true };
const step = fc.record({
  /** None: the tenant is gone for now. */
  limit: fc.option(fc.oneof(fc.nat(40), fc.nat(3)), { freq: 4 }),
  sites: fc.array(
    fc.record({
      active: fc.nat(30),
      refused: fc.nat(30),
      state: fc.constantFrom(calm.state, calm.state, "silent" as const),
      /** How many of the plans it has not read yet it reads now. */
      reads: fc.nat(3),
      /** The hub does not know what the site has confirmed: it has started anew. */
      forgotten: fc.constantFrom(false, false, false, true),
      /** The plan is made anew for another reason, even if its seats are the same. */
      republished: fc.boolean(),
    }),
    { minLength: 3, maxLength: 3 },
  ),
});
/** A seat is taken from one site and, while that is silent, given to another; then the first one's plan is made anew. */
const lowered = [
  { limit: 1, sites: [{}, {}, { reads: 1 }] },
  { limit: 0, sites: [{ reads: 1 }, {}, { reads: 1 }] },
  { limit: 1, sites: [{ reads: 2 }, { state: "silent" as const }, { state: "silent" as const }] },
  { limit: 1, sites: [{}, {}, { reads: 2 }] },
].map(({ limit, sites }) => ({ limit, sites: sites.map((one) => ({ ...calm, ...one })) }));

/** A site that works by any of the plans made for it, but by none older than the one that it worked by before. */
class Reader {
  readonly name: string;
  readonly #plans: (readonly TenantAllotment[])[] = [[]];
  #works = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** As the hub sees it. */
  seen({ active, refused, state, forgotten }: typeof calm): AllotmentSite {
    const confirmed = !forgotten && this.#works === this.#plans.length - 1;
    const now = Math.min(active, limitOf(this.#plans[this.#works]));
    return site(this.name, { state, published: this.#plans.at(-1) ?? [], confirmed, demand: [demand(now, refused)] });
  }

  offer(plan: readonly TenantAllotment[], { republished }: typeof calm): void {
    if (republished || !isDeepStrictEqual(spent(plan), spent(this.#plans.at(-1)))) this.#plans.push(plan);
  }

  read(plans: number): void {
    this.#works = Math.min(this.#plans.length - 1, this.#works + plans);
  }

  /** The most seats of the plan it works by and of those it has yet to read. */
  most(): number {
    return Math.max(...this.#plans.slice(this.#works).map(limitOf));
  }
}

const spent = (plan: readonly TenantAllotment[] = []) =>
  plan.flatMap(({ pipelines }) => pipelines.filter(({ limit }) => limit > 0).map(({ guaranteed, limit }) => ({ guaranteed, limit })));
const limitOf = (plan: readonly TenantAllotment[] = []): number => plan[0]?.pipelines[0]?.limit ?? 0;

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

  it("take nothing for held that a site has confirmed to have replaced", () => {
    const both = [site("a"), site("b")];
    const first = allot(tenant(10), both);
    const less = allot(
      tenant(4),
      both.map((one) => ({ ...one, published: first.get(one.name) ?? [], confirmed: true })),
    );
    expect(seats(less, "a")).toMatchObject({ limit: 2, most: 5 });
    const again = allot(
      tenant(4),
      both.map((one) => ({ ...one, published: less.get(one.name) ?? [], confirmed: true })),
    );
    expect(seats(again, "a")).toMatchObject({ limit: 2, most: 2 });
  });

  it("take a tenant's seats away with its quota, and give them anew only when sites have confirmed that", () => {
    const first = allot(tenant(10), [site("a"), site("b")]);
    const of = (plans: typeof first, name: string, change: Partial<AllotmentSite>) =>
      site(name, { published: plans.get(name) ?? [], ...change });
    const none = allotAll([], [of(first, "a", {}), of(first, "b", { state: "silent" })]);
    expect(["a", "b"].map((name) => seats(none, name))).toMatchObject([
      { limit: 0, most: 5 },
      { limit: 0, most: 5 },
    ]);
    const cut = of(none, "b", { state: "silent", confirmed: false });
    expect(seats(allot(tenant(10), [of(none, "a", {}), cut]), "a")?.limit).toBe(5);
    expect(allotAll([], [of(none, "a", {}), cut]).get("a")).toEqual([]);
  });

  it("are never exceeded by what sites may work by, whichever plans reach them, and whatever the hub has forgotten", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const all = ["a", "b", "c"].map((name) => new Reader(name));
        let before = 0;
        for (const { limit, sites } of steps) {
          const doing = (at: number) => sites[at] ?? calm;
          const known = all.map((one, at) => one.seen(doing(at)));
          const found = allotAll(limit === null ? [] : [tenant(limit)], known);
          for (const [at, one] of all.entries()) one.offer(found.get(one.name) ?? [], doing(at));
          const together = all.reduce((sum, one) => sum + one.most(), 0);
          // A limit that was lowered holds as soon as sites have read of it.
          expect(together).toBeLessThanOrEqual(Math.max(limit ?? 0, before));
          for (const [at, one] of all.entries()) one.read(doing(at).reads);
          before = all.reduce((sum, one) => sum + one.most(), 0);
        }
      }),
      { numRuns: 300, examples: [[lowered]] },
    );
  });
});
