import type { plan } from "@troupe/operator";
import { seededRandom } from "../av-offset/random.ts";

type PlanInput = plan.PlanInput;
type Host = PlanInput["inventory"]["hosts"][number];

export interface WorldSize {
  readonly nodes: number;
  readonly sites: number;
  readonly tenants: number;
  readonly pipelines: number;
  /** Sessions asked for at each site by each tenant, at most. */
  readonly maxSessions: number;
  readonly seed: number;
}

interface DeviceClass {
  readonly name: string;
  readonly memoryMebibytes: number;
  readonly videoEncoders: number;
  readonly pricePerHourMicros: number;
  readonly perNode: number;
  readonly partition?: { readonly name: string; readonly memoryMebibytes: number; readonly perDevice: number };
}

/** Invented classes of the shapes that there are: large and cut, large and whole, medium with encoders, small; and CPU. */
const devices: readonly DeviceClass[] = [
  {
    ...{ name: "large-cut", memoryMebibytes: 80_000, videoEncoders: 0, pricePerHourMicros: 2_500_000, perNode: 4 },
    partition: { name: "seventh", memoryMebibytes: 10_000, perDevice: 7 },
  },
  { name: "large", memoryMebibytes: 80_000, videoEncoders: 0, pricePerHourMicros: 2_500_000, perNode: 4 },
  { name: "medium", memoryMebibytes: 24_000, videoEncoders: 2, pricePerHourMicros: 800_000, perNode: 4 },
  { name: "small", memoryMebibytes: 16_000, videoEncoders: 1, pricePerHourMicros: 400_000, perNode: 2 },
];
const cpu = { name: "cpu", pricePerHourMicros: 40_000 };
const stages = ["asr", "llm", "tts", "face", "compositor"];
const regions = ["eu", "us", "cn"];

/** A fleet in which every rule binds somewhere. Simulated throughout: capacities are drawn, nothing of it was measured on a device. */
export function fleetWorld({ nodes, sites, tenants, pipelines, maxSessions, seed }: WorldSize): PlanInput {
  const random = seededRandom(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)] as T;
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(4, "0")}`);
  const siteNames = names("site", sites);
  const models = stages.flatMap((stage) =>
    names(stage, 2).map((name) => {
      const memoryMebibytes = 1500 + upTo(stage === "llm" ? 16_000 : 6000);
      const onDevices = devices.flatMap(({ name: acceleratorClass, partition, videoEncoders, memoryMebibytes: most }) => {
        const share =
          partition && memoryMebibytes <= partition.memoryMebibytes
            ? { partition: partition.name }
            : partition
              ? undefined
              : ({ whole: true } as const);
        const videoEncoder = stage === "compositor" && videoEncoders > 0;
        return share && memoryMebibytes <= most && random() < 0.8 ? [{ acceleratorClass, memoryMebibytes, share, videoEncoder }] : [];
      });
      const onCpu = {
        acceleratorClass: cpu.name,
        memoryMebibytes: Math.min(memoryMebibytes, 4000),
        share: { cpuMillicores: 1000 + 500 * upTo(5) },
        videoEncoder: false,
      };
      return { name, stage, verified: true, needs: [...onDevices, ...(stage === "llm" ? [] : [onCpu])] };
    }),
  );
  const speed: Readonly<Record<string, number>> = { "large-cut": 6, large: 40, medium: 16, small: 8, cpu: 2 };
  const host = (node: string, at: number): Host => {
    const device = at % 3 === 0 ? undefined : pick(devices);
    const place = device?.partition;
    const offer = device && {
      acceleratorClass: device.name,
      shareKind: place ? `partition:${place.name}` : "whole",
      count: device.perNode * (place?.perDevice ?? 1),
      memoryMebibytes: place?.memoryMebibytes ?? device.memoryMebibytes,
      videoEncoders: Math.floor(device.videoEncoders / (place?.perDevice ?? 1)),
      fraction: 1 / (place?.perDevice ?? 1),
    };
    return {
      node,
      site: siteNames[at % sites] ?? "",
      millicores: 32_000,
      memoryMebibytes: 128_000,
      cpuClass: cpu.name,
      offers: offer ? [offer] : [],
      closed: undefined,
    };
  };
  const pipelineNames = names("p/pipeline", pipelines);
  const tenantNames = names("tenant", tenants);
  return {
    nowMs: 0,
    inventory: { hosts: names("node", nodes).map(host), quarantined: [] },
    sites: siteNames.map((name, at) => ({
      name,
      residency: [regions[at % regions.length] ?? ""],
      roundTrips: siteNames.slice(0, at).map((site) => ({ site, milliseconds: 5 + upTo(120) })),
      priceFactorPercent: 80 + upTo(60),
      state: "open" as const,
    })),
    classes: [
      ...devices.map(({ name, pricePerHourMicros, partition }) => ({ name, pricePerHourMicros, partitions: partition ? [partition] : [] })),
      { ...cpu, partitions: [] },
    ],
    models,
    pipelines: pipelineNames.map((name) => ({
      name,
      stages: stages.map((stage) => ({ stage, models: [pick(models.filter((model) => model.stage === stage)).name] })),
      roundTripLimitMs: 50,
      residency: [],
    })),
    tenants: tenantNames.map((name, at) => ({
      name,
      residency: at % 3 === 0 ? [pick(regions), pick(regions)] : [],
      quotas: pipelineNames.map((pipeline) => ({ pipeline, guaranteed: 0, limit: 100_000, weight: 1 + upTo(4) })),
    })),
    demand: tenantNames.flatMap((tenant) =>
      siteNames.flatMap((site) =>
        random() < 0.5 ? [{ pipeline: pick(pipelineNames), tenant, site, sessions: 1 + upTo(maxSessions) }] : [],
      ),
    ),
    profiles: models.flatMap(({ name, needs }) =>
      needs.map(({ acceleratorClass }) => ({
        model: name,
        acceleratorClass,
        image: "simulated",
        sessions: 1 + upTo(2 * (speed[acceleratorClass] ?? 1)),
      })),
    ),
    pools: [],
    exclusions: [],
    templates: Object.fromEntries(stages.map((stage) => [stage, { hostMillicores: 1000, hostMemoryMebibytes: 2000 }])),
    options: { headroomPercent: 0, maxMoves: 0, minSavingPercent: 20 },
  };
}
