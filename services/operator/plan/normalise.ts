import type { PlanInput } from "./plan-input.ts";

/** The same input with every list in the order of names, so that the order in which informers list objects decides nothing. */
export function normalise(input: PlanInput): PlanInput {
  const byName = <T extends { readonly name: string }>(list: readonly T[]) => sorted(list, ({ name }) => name);
  return {
    ...input,
    inventory: { ...input.inventory, hosts: sorted(input.inventory.hosts, ({ node }) => node) },
    sites: byName(input.sites),
    classes: byName(input.classes),
    models: byName(input.models),
    pipelines: byName(input.pipelines),
    tenants: byName(input.tenants),
    pools: byName(input.pools),
    demand: sorted(input.demand, ({ pipeline, tenant, site }) => [pipeline, tenant, site].join("|")),
    exclusions: sorted(input.exclusions, (one) => JSON.stringify(one)),
  };
}

function sorted<T>(list: readonly T[], keyOf: (one: T) => string): T[] {
  const keyed = list.map((one) => ({ one, key: keyOf(one) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ one }) => one);
}
