import fc from "fast-check";
import type { PlanInput } from "../plan-input.ts";
import { host, onGpu, smallWorld } from "./small-world.ts";

/** Stages that each want memory of a device and a part of its time. */
export interface PackStage {
  readonly stage: string;
  readonly memoryMebibytes: number;
  /** Sessions that a whole device serves. */
  readonly perDevice: number;
  readonly sessions: number;
}

const deviceMemory = 24_000;
const stages = ["asr", "llm", "tts", "face", "compositor"];

/** Two to five stages on one kind of device, each of its own pipeline. */
export const arbitraryPackProblem: fc.Arbitrary<readonly PackStage[]> = fc.subarray(stages, { minLength: 2 }).chain((chosen) =>
  fc.tuple(
    ...chosen.map((stage) =>
      fc.record({
        stage: fc.constant(stage),
        memoryMebibytes: fc.integer({ min: 2000, max: 20_000 }),
        perDevice: fc.integer({ min: 4, max: 24 }),
        sessions: fc.integer({ min: 1, max: 40 }),
      }),
    ),
  ),
);

/** The problem as a plan's input, with so many devices. */
export function worldOf(problem: readonly PackStage[], devices: number): PlanInput {
  return smallWorld({
    inventory: { hosts: [host("node-1", "here", devices)], quarantined: [] },
    models: problem.map(({ stage, memoryMebibytes }) => ({ name: stage, stage, verified: true, needs: [onGpu(memoryMebibytes)] })),
    profiles: problem.map(({ stage, perDevice }) => ({ model: stage, acceleratorClass: "gpu", image: "image", sessions: perDevice })),
    pipelines: problem.map(({ stage }) => ({
      name: `p/${stage}`,
      stages: [{ stage, models: [stage] }],
      roundTripLimitMs: 50,
      residency: [],
    })),
    demand: problem.map(({ stage, sessions }) => ({ pipeline: `p/${stage}`, tenant: "", site: "here", sessions })),
  });
}

/**
 * The fewest devices that serve everything, by trying every number of packs of every set of stages that fits the memory; sessions may
 * be cut between packs at will, so no plan of whole sessions needs fewer.
 */
export function fewestDevices(problem: readonly PackStage[]): number {
  const sets = subsets(problem).filter((set) => set.reduce((sum, { memoryMebibytes }) => sum + memoryMebibytes, 0) <= deviceMemory);
  // A set within another that fits is never better.
  const maximal = sets.filter((set) => !sets.some((other) => other.length > set.length && set.every((stage) => other.includes(stage))));
  const least = Math.ceil(problem.reduce((sum, stage) => sum + work(stage), 0) - 1e-9);
  for (let devices = Math.max(1, least); ; devices++) if (choosePacks(maximal, devices, [], problem)) return devices;
}

const work = ({ sessions, perDevice }: PackStage): number => sessions / perDevice;

function choosePacks(
  sets: readonly (readonly PackStage[])[],
  devices: number,
  chosen: readonly (readonly PackStage[])[],
  problem: readonly PackStage[],
): boolean {
  if (chosen.length === devices) return isEnough(chosen, problem);
  const [first, ...rest] = sets;
  if (!first) return false;
  return choosePacks(sets, devices, [...chosen, first], problem) || choosePacks(rest, devices, chosen, problem);
}

/** Hall's condition: whatever stages one takes, the packs that serve any of them have time for all their work. */
function isEnough(packs: readonly (readonly PackStage[])[], problem: readonly PackStage[]): boolean {
  return subsets(problem).every((some) => {
    const needed = some.reduce((sum, stage) => sum + work(stage), 0);
    return packs.filter((pack) => pack.some((stage) => some.includes(stage))).length >= needed - 1e-9;
  });
}

const subsets = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: 2 ** items.length - 1 }, (_, mask) => items.filter((_item, at) => ((mask + 1) >> at) & 1));
