import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apportion, fairParts } from "./apportion.ts";
import { type SiteSeats, seatsHeld, splitGuarantee, splitSeats } from "./split-seats.ts";

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const seats = (least: Partial<Record<"active", number>> = {}) =>
  fc
    .record({
      limit: fc.nat(60),
      above: fc.nat(20),
      active: fc.nat(least.active ?? 60),
      waiting: fc.nat(60),
      state: fc.constantFrom("open" as const, "open" as const, "open" as const, "silent" as const, "closed" as const),
    })
    .map(({ limit, above, active, waiting, state }) => ({ limit, held: limit + above, active, demand: active + waiting, state }));
const named = (some: readonly Omit<SiteSeats, "site">[]): readonly SiteSeats[] => some.map((one, at) => ({ site: `s${at}`, ...one }));
const situation = fc.record({ limit: fc.nat(200), sites: fc.array(seats(), { maxLength: 8 }).map(named) });

describe("parts in proportion", () => {
  it("add up, and are no larger than their weights where there is enough", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.array(fc.nat(1000), { maxLength: 12 }), (amount, weights) => {
        const parts = apportion(amount, weights);
        expect(sum(parts)).toBe(sum(weights) === 0 ? 0 : amount);
        if (amount <= sum(weights)) expect(parts.every((part, at) => part <= (weights[at] ?? 0))).toBe(true);
      }),
    );
  });

  it("are fair: nobody has two more than one who wants more", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.array(fc.nat(300), { minLength: 1, maxLength: 12 }), (amount, wants) => {
        const parts = fairParts(amount, wants);
        expect(sum(parts)).toBe(Math.min(amount, sum(wants)));
        for (const [at, part] of parts.entries()) if (part < (wants[at] ?? 0)) expect(Math.max(...parts)).toBeLessThanOrEqual(part + 1);
      }),
    );
  });
});

describe("a limit over sites", () => {
  it("is never exceeded by what sites may work by, before and after any of them has heard of its part", () => {
    fc.assert(
      fc.property(situation, ({ limit, sites }) => {
        const parts = splitSeats(limit, sites);
        const holds = sites.map((site, at) => Math.max(seatsHeld(site), parts[at] ?? 0));
        expect(sum(holds)).toBeLessThanOrEqual(Math.max(limit, sum(sites.map(seatsHeld))));
        const settled = sites.map((site, at) => (site.state === "silent" ? seatsHeld(site) : (parts[at] ?? 0)));
        const silent = sum(sites.filter(({ state }) => state === "silent").map(seatsHeld));
        expect(sum(settled)).toBeLessThanOrEqual(Math.max(limit, silent));
      }),
    );
  });

  it("lets no part grow while more is held than there is", () => {
    fc.assert(
      fc.property(situation, ({ limit, sites }) => {
        fc.pre(sum(sites.map(seatsHeld)) > limit);
        const parts = splitSeats(limit, sites);
        for (const [at, { limit: before }] of sites.entries()) expect(parts[at]).toBeLessThanOrEqual(before);
      }),
    );
  });

  it("leaves a silent site its own, and a closed one nothing", () => {
    fc.assert(
      fc.property(situation, ({ limit, sites }) => {
        const parts = splitSeats(limit, sites);
        for (const [at, { state, limit: before }] of sites.entries()) {
          if (state === "silent") expect(parts[at]).toBe(before);
          if (state === "closed") expect(parts[at]).toBe(0);
        }
      }),
    );
  });

  it("is given out, settles, and then stays as it is", () => {
    fc.assert(
      fc.property(situation, ({ limit, sites }) => {
        // Everybody confirms at once, and uses no more than it may.
        const confirm = (parts: readonly number[]) =>
          sites.map((site, at): SiteSeats => {
            if (site.state === "silent") return site;
            const part = parts[at] ?? 0;
            return { ...site, limit: part, held: part, active: Math.min(site.active, part) };
          });
        let parts = splitSeats(limit, sites);
        for (let round = 0; round < 4; round++) parts = splitSeats(limit, confirm(parts));
        expect(splitSeats(limit, confirm(parts))).toEqual(parts);
        const silent = sum(sites.filter(({ state }) => state === "silent").map(seatsHeld));
        const open = sum(parts.filter((_, at) => sites[at]?.state === "open"));
        if (sites.some(({ state }) => state === "open")) expect(open).toBe(Math.max(0, limit - silent));
      }),
    );
  });

  it("moves nothing while everybody has what it needs", () => {
    const calm = fc.array(fc.record({ active: fc.nat(40), spare: fc.nat(20) }), { minLength: 1, maxLength: 8 }).map((some) =>
      named(
        some.map(({ active, spare }) => {
          const limit = Math.max(1, Math.ceil(active * 1.25)) + spare;
          return { limit, held: limit, active, demand: active, state: "open" as const };
        }),
      ),
    );
    fc.assert(
      fc.property(calm, (sites) => {
        const before = sites.map(({ limit }) => limit);
        fc.pre(before.every((seat) => seat >= sum(before) / 4 / before.length));
        expect(splitSeats(sum(before), sites)).toEqual(before);
      }),
    );
  });

  it("takes from a site no more than others lack", () => {
    const open = fc.array(
      seats({ active: 10 }).map((one) => ({ ...one, held: one.limit, state: "open" as const })),
      {
        minLength: 2,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(open.map(named), (sites) => {
        const whole = sum(sites.map(({ limit }) => limit));
        const idle = Math.max(1, Math.floor(whole / 4 / sites.length));
        const parts = splitSeats(whole, sites);
        const lost = sum(sites.map(({ limit }, at) => Math.max(0, limit - (parts[at] ?? 0))));
        const lacking = sum(
          sites.map(({ limit, active, demand }) => Math.max(0, Math.max(idle, active, Math.ceil(demand * 1.25)) - limit)),
        );
        expect(lost).toBeLessThanOrEqual(lacking);
      }),
    );
  });
});

describe("a limit over three sites", () => {
  const site = (name: string, change: Partial<SiteSeats>): SiteSeats => {
    const limit = change.limit ?? 0;
    return { site: name, limit, held: limit, active: 0, demand: 0, state: "open", ...change };
  };

  it("is even as long as nobody asks", () => {
    expect(splitSeats(10, [site("a", {}), site("b", {}), site("c", {})])).toEqual([4, 3, 3]);
  });

  it("follows demand in two steps: first one gives up, and when it has confirmed, the other gets", () => {
    const before = [site("a", { limit: 10 }), site("b", { limit: 10, active: 10, demand: 16 })];
    expect(splitSeats(20, before)).toEqual([2, 10]);
    const confirmed = [site("a", { limit: 2 }), site("b", { limit: 10, active: 10, demand: 16 })];
    expect(splitSeats(20, confirmed)).toEqual([2, 18]);
  });

  it("keeps what a silent site holds away from the others, however much they ask", () => {
    const cut = site("a", { limit: 5, held: 8, state: "silent" });
    expect(splitSeats(20, [cut, site("b", { limit: 12, active: 12, demand: 99 })])).toEqual([5, 12]);
    expect(splitSeats(20, [{ ...cut, held: 5 }, site("b", { limit: 12, active: 12, demand: 99 })])).toEqual([5, 15]);
  });

  it("takes no seat that is in use", () => {
    const sites = [site("a", { limit: 10, active: 9, demand: 30 }), site("b", { limit: 0, demand: 30 })];
    expect(splitSeats(10, sites)).toEqual([9, 0]);
  });
});

describe("a guarantee over sites", () => {
  it("is no more than the whole, and at each site no more than its limit", () => {
    fc.assert(
      fc.property(situation, fc.nat(200), fc.array(fc.nat(60), { minLength: 8, maxLength: 8 }), ({ limit, sites }, guaranteed, old) => {
        const parts = splitSeats(limit, sites);
        const before = sites.map(({ state, limit: part }, at) => (state === "silent" ? Math.min(part, old[at] ?? 0) : (old[at] ?? 0)));
        const shares = splitGuarantee(guaranteed, sites, parts, before);
        const kept = sum(before.filter((_, at) => sites[at]?.state === "silent"));
        expect(sum(shares)).toBeLessThanOrEqual(Math.max(guaranteed, kept));
        expect(shares.every((share, at) => share <= (parts[at] ?? 0))).toBe(true);
      }),
    );
  });
});
