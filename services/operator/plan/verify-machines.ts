import { type Host, shareKind } from "../inventory/index.ts";
import type { Plan, PlannedPool } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";

type Pack = Pick<PlannedPool, "members" | "acceleratorClass" | "share" | "site">;

/** What packs take of one machine. */
interface Machine {
  readonly host: Host;
  millicores: number;
  memory: number;
  readonly places: Map<string, number>;
}

/** Packs that a machine can't hold: memory, places, encoders, CPU. What runs or drains where a machine shrank is beyond any plan. */
export function verifyMachines(input: PlanInput, plan: Plan): string[] {
  const wrong: string[] = [];
  const machines = new Map(
    input.inventory.hosts.map((host): [string, Machine] => [host.node, { host, millicores: 0, memory: 0, places: new Map() }]),
  );
  for (const pool of plan.pools)
    for (const { node, replica } of pool.packs) {
      const machine = machines.get(node ?? "");
      if (!machine) wrong.push(`${pool.name} on unknown node ${node}`);
      else wrong.push(...fits(input, pool, machine, replica === undefined), ...take(input, pool, machine));
    }
  for (const { pool, node } of draining(input, plan)) {
    const machine = machines.get(node);
    if (machine?.host.site === pool.site) take(input, pool, machine);
  }
  const newHere = new Set(plan.pools.flatMap(({ packs }) => packs.filter(({ replica }) => replica === undefined).map(({ node }) => node)));
  for (const machine of machines.values()) if (newHere.has(machine.host.node)) wrong.push(...overdraft(machine));
  return wrong;
}

/** Replicas that hold their place although the plan has them no more. */
function draining(input: PlanInput, plan: Plan): { readonly pool: Pack; readonly node: string }[] {
  const given = new Set(plan.leaving.map(({ replica }) => replica));
  const planned = new Set(plan.pools.flatMap(({ packs }) => packs.flatMap(({ replica }) => replica ?? [])));
  return input.pools.flatMap((pool) =>
    pool.replicas
      .filter(({ name, state }) => !planned.has(name) && (state === "leaving" || given.has(name)))
      .flatMap(({ node }) => (node === undefined ? [] : [{ pool, node }])),
  );
}

function fits(input: PlanInput, pool: PlannedPool, { host }: Machine, isNew: boolean): string[] {
  const wrong: string[] = [];
  if (isNew && host.closed) wrong.push(`${pool.name} is new on closed node ${host.node}`);
  if (host.site !== pool.site) wrong.push(`${pool.name} of ${pool.site} on a node of ${host.site}`);
  if ("cpuMillicores" in pool.share) {
    if (host.cpuClass !== pool.acceleratorClass) wrong.push(`${pool.name} wants CPU class ${pool.acceleratorClass}`);
    return wrong;
  }
  const offer = host.offers.find(
    (one) => placeOf(one.acceleratorClass, one.shareKind) === placeOf(pool.acceleratorClass, shareKind(pool.share)),
  );
  if (!offer) return [...wrong, `${pool.name}: ${shareKind(pool.share)} does not exist on ${host.node}`];
  const need = needOf(input, pool);
  if (need.memoryMebibytes > offer.memoryMebibytes) wrong.push(`${pool.name}: ${need.memoryMebibytes} MiB on ${offer.memoryMebibytes}`);
  if (need.encoders > offer.videoEncoders) wrong.push(`${pool.name}: no encoder on ${host.node}`);
  return wrong;
}

function take(input: PlanInput, pool: Pack, machine: Machine): string[] {
  const need = needOf(input, pool);
  machine.millicores += need.hostMillicores;
  machine.memory += need.hostMemoryMebibytes;
  const place = placeOf(pool.acceleratorClass, shareKind(pool.share));
  machine.places.set(place, (machine.places.get(place) ?? 0) + 1);
  return [];
}

function overdraft({ host, millicores, memory, places }: Machine): string[] {
  const wrong: string[] = [];
  if (millicores > host.millicores) wrong.push(`${host.node}: ${millicores}m of ${host.millicores}m`);
  if (memory > host.memoryMebibytes) wrong.push(`${host.node}: ${memory} MiB of ${host.memoryMebibytes}`);
  for (const offer of host.offers) {
    const taken = places.get(placeOf(offer.acceleratorClass, offer.shareKind)) ?? 0;
    if (taken > offer.count) wrong.push(`${host.node}: ${taken} of ${offer.count} ${offer.shareKind}`);
  }
  return wrong;
}

const placeOf = (acceleratorClass: string, kind: string): string => `${acceleratorClass}/${kind}`;

/** What one pack of a pool needs, straight from the models. */
function needOf(input: PlanInput, pool: Pack) {
  const need = { memoryMebibytes: 0, encoders: 0, hostMillicores: 0, hostMemoryMebibytes: 0 };
  for (const { stage, models } of pool.members) {
    const needs = models.flatMap((name) => modelNeed(input, name, pool) ?? []);
    need.memoryMebibytes += needs.reduce((sum, one) => sum + one.memoryMebibytes, 0);
    need.encoders += needs.some((one) => one.videoEncoder) ? 1 : 0;
    if (needs.length === 0 || "cpuMillicores" in pool.share) continue;
    need.hostMillicores += input.templates[stage]?.hostMillicores ?? 0;
    need.hostMemoryMebibytes += input.templates[stage]?.hostMemoryMebibytes ?? 0;
  }
  if (!("cpuMillicores" in pool.share)) return need;
  return { ...need, hostMillicores: pool.share.cpuMillicores, hostMemoryMebibytes: need.memoryMebibytes };
}

const modelNeed = (input: PlanInput, name: string, { acceleratorClass, share }: Pack) =>
  input.models
    .find((model) => model.name === name)
    ?.needs.find((one) => one.acceleratorClass === acceleratorClass && shareKind(one.share) === shareKind(share));
