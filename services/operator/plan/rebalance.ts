import type { Decision } from "../kube/decision.ts";
import type { Plan } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";
import { createPrices } from "./sites.ts";

type PlanOnce = (input: PlanInput, givenUp: ReadonlyMap<string, Decision>) => Plan;

/**
 * A plan that keeps everything, then, while that saves money, without one running pack after the other: at most `maxMoves` of them, the
 * most expensive pools first. A move counts only if nothing more stays unplaced and it saves `minSavingPercent` of the pack's price.
 */
export function withSavings(input: PlanInput, planOnce: PlanOnce): Plan {
  let givenUp: ReadonlyMap<string, Decision> = new Map();
  let plan = planOnce(input, givenUp);
  const price = createPrices(input);
  const draining = input.pools.flatMap(({ replicas }) => replicas.filter(({ state }) => state === "leaving")).length;
  const budget = input.options.maxMoves - draining;
  let tries = 2 * input.options.maxMoves;
  const pools = input.pools
    .filter(({ managed }) => managed)
    .map((pool) => ({ pool, price: price(pool.site, pool) }))
    .sort((a, b) => b.price - a.price);
  for (const { pool, price: saved } of pools) {
    for (const { name, state } of pool.replicas) {
      if (givenUp.size >= budget || tries-- <= 0) return plan;
      if (state !== "running" || !isCheaperSomewhere(input, pool.acceleratorClass, saved)) continue;
      const decision = { reason: "Moved", message: "the same sessions cost less elsewhere" };
      const candidate = planOnce(input, new Map([...givenUp, [name, decision]]));
      const saving = plan.pricePerHourMicros - candidate.pricePerHourMicros;
      const worse = sessionsOf(candidate) > sessionsOf(plan) || candidate.leaving.length > plan.leaving.length + 1;
      if (worse || saving < (saved * input.options.minSavingPercent) / 100 || saving <= 0) break;
      givenUp = new Map([...givenUp, [name, decision]]);
      plan = candidate;
    }
  }
  return plan;
}

/** A quick look before a plan is made for it: nothing can be saved where every device costs as much. */
function isCheaperSomewhere(input: PlanInput, acceleratorClass: string, pricePerHourMicros: number): boolean {
  const price = createPrices(input);
  const share = { whole: true } as const;
  return input.sites.some((site) =>
    input.classes.some((one) => one.name !== acceleratorClass || price(site.name, { acceleratorClass, share }) < pricePerHourMicros),
  );
}

const sessionsOf = ({ unplaced }: Plan): number => unplaced.reduce((sum, { sessions }) => sum + sessions, 0);
