import type { Plan } from "../plan.ts";
import type { ExistingPool } from "../plan-input.ts";

/** The pools as they stand once a plan is carried out in full. */
export function deployed(plan: Plan): ExistingPool[] {
  return plan.pools.map(({ name, site, acceleratorClass, share, members, packs, managed }) => ({
    name,
    site,
    acceleratorClass,
    share,
    members,
    managed,
    replicas: packs.map(({ node, replica }, at) => ({
      name: replica ?? `${name}-${at}`,
      ...(node === undefined ? {} : { node }),
      state: "running" as const,
    })),
  }));
}
