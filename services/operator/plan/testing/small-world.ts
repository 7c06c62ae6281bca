import type { Host, Offer } from "../../inventory/index.ts";
import type { ModelNeed, PlanInput } from "../plan-input.ts";

export const whole = { whole: true } as const;

/** A machine with devices of class `gpu` (24,000 MiB, one encoder), and CPU. */
export function host(node: string, site: string, gpus: number, more: Partial<Host> = {}): Host {
  const offer: Offer = { acceleratorClass: "gpu", shareKind: "whole", count: gpus, memoryMebibytes: 24_000, videoEncoders: 1, fraction: 1 };
  return {
    node,
    site,
    millicores: 16_000,
    memoryMebibytes: 64_000,
    cpuClass: "cpu",
    offers: gpus > 0 ? [offer] : [],
    closed: undefined,
    ...more,
  };
}

export const onGpu = (memoryMebibytes: number, more: Partial<ModelNeed> = {}): ModelNeed => ({
  acceleratorClass: "gpu",
  memoryMebibytes,
  share: whole,
  videoEncoder: false,
  ...more,
});

export const onCpu = (cpuMillicores: number, memoryMebibytes = 1000): ModelNeed => ({
  acceleratorClass: "cpu",
  memoryMebibytes,
  share: { cpuMillicores },
  videoEncoder: false,
});

/** One site `here` with one machine of one GPU; one pipeline `p/talk` of one stage on it, 10 sessions a replica; no demand. */
export function smallWorld(more: Partial<PlanInput> = {}): PlanInput {
  return {
    nowMs: 0,
    inventory: { hosts: [host("node-1", "here", 1)], quarantined: [] },
    sites: [{ name: "here", residency: ["eu"], roundTrips: [], priceFactorPercent: 100, state: "open" }],
    classes: [
      { name: "gpu", pricePerHourMicros: 900_000, partitions: [] },
      { name: "cpu", pricePerHourMicros: 40_000, partitions: [] },
    ],
    models: [{ name: "ears", stage: "asr", verified: true, needs: [onGpu(8000)] }],
    pipelines: [{ name: "p/talk", stages: [{ stage: "asr", models: ["ears"] }], roundTripLimitMs: 50, residency: [] }],
    tenants: [],
    demand: [],
    profiles: [{ model: "ears", acceleratorClass: "gpu", image: "image", sessions: 10 }],
    pools: [],
    exclusions: [],
    templates: {},
    options: { headroomPercent: 0, maxMoves: 0, minSavingPercent: 20 },
    ...more,
  };
}

export const demand = (sessions: number, site = "here", pipeline = "p/talk") => [{ pipeline, tenant: "", site, sessions }];
