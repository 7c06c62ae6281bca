import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Bus, createMemoryBroker, type KeyValueStore } from "@troupe/bus";
import { SiteRoutesSchema, TenantAllotmentSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { siteBucketOptions, siteBuckets } from "@troupe/session";
import { createManualClock } from "@troupe/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { logger } from "../http/live.testing.ts";
import { Admission } from "./admission.ts";
import { followAllotments } from "./allotments.ts";
import { createDemand } from "./demand.ts";
import { hearOtherGateways } from "./other-gateways.ts";
import { followRoutes } from "./routes.ts";
import { Seats } from "./seats.ts";

/** A site: what its operator writes, and gateways that read it. */
function site() {
  const clock = createManualClock();
  const broker = createMemoryBroker(() => clock.nowMs());
  const store = (name: keyof typeof siteBuckets) => broker.connect().keyValue(siteBuckets[name], siteBucketOptions);
  const put = async (name: keyof typeof siteBuckets, key: string, value: Uint8Array) => {
    const bucket = await store(name);
    const entry = await bucket.get(key);
    await (entry ? bucket.update(key, value, entry.revision) : bucket.create(key, value));
  };
  /** Sessions that the site may hold of a tenant, by pipeline. */
  const allot = (tenant: string, limits: Readonly<Record<string, number>>) => {
    const pipelines = Object.entries(limits).map(([pipeline, limit]) => ({ pipeline, limit }));
    return put("allotments", `local.${tenant}`, toBinary(TenantAllotmentSchema, create(TenantAllotmentSchema, { tenant, pipelines })));
  };
  const route = (routes: MessageInitShape<typeof SiteRoutesSchema>) =>
    put("routes", "local", toBinary(SiteRoutesSchema, create(SiteRoutesSchema, routes)));
  async function gateway(name: string, { bus = broker.connect(), maxSessions = 100 }: { bus?: Bus; maxSessions?: number } = {}) {
    const control = { bus, clock, logger };
    const seats = new Seats(() => demand.changed());
    const demand = createDemand({ bus, clock, owned: () => [], seats }, { site: "local", gateway: name });
    const [routes, allotments] = [followRoutes(control, "local"), followAllotments(control, "local")];
    const others = hearOtherGateways(control, "local", name);
    onTestFinished(() => {
      for (const one of [demand, routes, allotments, others]) one[Symbol.dispose]();
    });
    const admission = new Admission({ allotments, routes, others, seats, maxSessions });
    const admit = (tenant: string, pipeline = "") => admission.admit({ tenant, pipeline });
    return { admission, admit, demand };
  }
  /** Whoever waits to hear the other gateways has heard them. */
  const settle = () => clock.advance(2000);
  return { clock, broker, store, allot, route, gateway, settle };
}

const standard = {
  defaultPipeline: "sys/default",
  pipelines: [{ pipeline: "sys/default" }, { pipeline: "a/talk" }, { pipeline: "b/own" }],
};
const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => "admitted",
    (thrown) => ServiceError.from(thrown).reason,
  );

describe("a tenant's limit at a site", () => {
  it("is refused with its name, its value and when to try again, over all gateways, until a session ends", async () => {
    const { allot, route, gateway, settle } = site();
    await route(standard);
    await allot("acme", { "sys/default": 2 });
    const [one, two] = [await gateway("one"), await gateway("two")];
    await settle();
    const seat = await one.admit("acme");
    await two.admit("acme");
    for (const { admit } of [one, two])
      await expect(admit("acme")).rejects.toMatchObject({
        reason: "LIMIT_REACHED",
        metadata: { limit: "tenant_sessions", value: "2", pipeline: "sys/default" },
        retryAfterMs: 5000,
      });
    seat.leave();
    await settle();
    expect(await two.admit("acme")).toMatchObject({ tenant: "acme", pipeline: "sys/default" });
    expect(await reasonOf(one.admit("acme"))).toBe("LIMIT_REACHED");
  });

  it("is that of one pipeline, and none of another tenant's", async () => {
    const { allot, route, gateway, settle } = site();
    await route(standard);
    await allot("acme", { "sys/default": 1, "a/talk": 1 });
    await allot("globex", { "sys/default": 1 });
    const { admit } = await gateway("one");
    await settle();
    for (const [tenant, pipeline] of [["acme"], ["acme", "a/talk"], ["globex"]] as const) {
      expect(await reasonOf(admit(tenant, pipeline))).toBe("admitted");
      expect(await reasonOf(admit(tenant, pipeline))).toBe("LIMIT_REACHED");
    }
    expect(await reasonOf(admit("nobody"))).toBe("LIMIT_REACHED");
  });

  it("is none where the hub has allotted nothing to anybody", async () => {
    const { gateway, settle } = site();
    const { admit } = await gateway("one");
    await settle();
    expect(await Promise.all([admit("acme"), admit("acme")])).toMatchObject([{ pipeline: "" }, { pipeline: "" }]);
  });

  it("changes while the gateway runs, up and down; sessions that are there stay", async () => {
    const { allot, route, gateway, settle } = site();
    await route(standard);
    await allot("acme", { "sys/default": 1 });
    const { admit, admission } = await gateway("one");
    await settle();
    await admit("acme");
    await allot("acme", { "sys/default": 3 });
    await admit("acme");
    await allot("acme", { "sys/default": 1 });
    expect(await reasonOf(admit("acme"))).toBe("LIMIT_REACHED");
    expect(await admission.adopt({ tenant: "acme", pipeline: "sys/default" })).toMatchObject({ pipeline: "sys/default" });
  });

  it("holds as it was last known while the store cannot be read", async () => {
    const { broker, allot, route, gateway, settle } = site();
    await route(standard);
    await allot("acme", { "sys/default": 2 });
    let down = false;
    const unreadable = (store: KeyValueStore): KeyValueStore => ({
      ...store,
      get: (key) => (down ? Promise.reject(new ServiceError("STORE_UNAVAILABLE", "no answer")) : store.get(key)),
    });
    const bus = broker.connect();
    const cut: Bus = Object.assign(Object.create(bus), {
      keyValue: async (...given: Parameters<Bus["keyValue"]>) => unreadable(await bus.keyValue(...given)),
    });
    const { admit } = await gateway("one", { bus: cut });
    await settle();
    await admit("acme");
    down = true;
    await allot("acme", { "sys/default": 9 });
    await admit("acme");
    expect(await reasonOf(admit("acme"))).toBe("LIMIT_REACHED");
    // Of whom nothing was ever read nothing is assumed.
    await allot("globex", { "sys/default": 9 });
    expect(await reasonOf(admit("globex"))).toBe("STORE_UNAVAILABLE");
    down = false;
    expect(await reasonOf(admit("acme"))).toBe("admitted");
  });

  it("does not count the sessions of a gateway that is gone", async () => {
    const { allot, route, gateway, settle, clock } = site();
    await route(standard);
    await allot("acme", { "sys/default": 1 });
    const [one, two] = [await gateway("one"), await gateway("two")];
    await settle();
    await one.admit("acme");
    expect(await reasonOf(two.admit("acme"))).toBe("LIMIT_REACHED");
    one.demand[Symbol.dispose]();
    await clock.advance(5000);
    expect(await reasonOf(two.admit("acme"))).toBe("admitted");
  });

  it("waits for what other gateways have, where this one has just started", async () => {
    const { allot, route, gateway, settle, clock } = site();
    await route(standard);
    await allot("acme", { "sys/default": 1 });
    const one = await gateway("one");
    await settle();
    await one.admit("acme");
    const admitted = reasonOf((await gateway("two")).admit("acme"));
    await clock.advance(2000);
    expect(await admitted).toBe("LIMIT_REACHED");
  });
});

describe("the pipeline of a session", () => {
  it("is the one it names, if there is one of that name at the site", async () => {
    const { allot, route, gateway, settle } = site();
    await route(standard);
    await allot("acme", { "a/talk": 5 });
    const { admit } = await gateway("one");
    await settle();
    expect(await admit("acme", "a/talk")).toMatchObject({ pipeline: "a/talk" });
    await expect(admit("acme", "a/nothing")).rejects.toMatchObject({
      reason: "PIPELINE_UNKNOWN",
      metadata: { pipeline: "a/nothing", param: "pipeline" },
    });
  });

  it("is no other tenant's: of that the limit is none", async () => {
    const { allot, route, gateway, settle } = site();
    await route(standard);
    await allot("acme", { "a/talk": 5 });
    const { admit } = await gateway("one");
    await settle();
    for (const tenant of ["acme", "nobody"])
      await expect(admit(tenant, "b/own")).rejects.toMatchObject({ reason: "LIMIT_REACHED", metadata: { value: "0", pipeline: "b/own" } });
  });

  it("is otherwise the site's default, or the tenant's first by name where it has none of that", async () => {
    const { allot, route, gateway, settle } = site();
    await route(standard);
    await allot("acme", { "sys/default": 5, "a/talk": 5 });
    await allot("globex", { "b/own": 5, "a/talk": 5 });
    const { admit } = await gateway("one");
    await settle();
    expect(await admit("acme")).toMatchObject({ pipeline: "sys/default" });
    expect(await admit("globex")).toMatchObject({ pipeline: "a/talk" });
  });

  it("is none where there is no operator, and none may be named", async () => {
    const { gateway, settle } = site();
    const { admit } = await gateway("one");
    await settle();
    expect(await admit("acme")).toMatchObject({ pipeline: "" });
    expect(await reasonOf(admit("acme", "a/talk"))).toBe("PIPELINE_UNKNOWN");
  });
});

describe("a gateway's own room", () => {
  it("holds for sessions that are being opened, too, and ends with its drain", async () => {
    const { gateway } = site();
    const { admit, admission } = await gateway("one", { maxSessions: 2 });
    const outcomes = await Promise.all([reasonOf(admit("a")), reasonOf(admit("b")), reasonOf(admit("c"))]);
    expect(outcomes.sort()).toEqual(["NO_CAPACITY", "admitted", "admitted"]);
    admission.close();
    await expect(admit("a")).rejects.toMatchObject({ reason: "DRAINING", retryAfterMs: 1000 });
  });
});
