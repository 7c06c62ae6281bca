import fc from "fast-check";
import type { Host, Offer, Share } from "../../inventory/index.ts";
import type { PlanDemand, PlanInput, PlanModel, PlanSite } from "../plan-input.ts";

export interface Sizes {
  readonly sites: number;
  readonly hostsPerSite: number;
  readonly pipelines: number;
  readonly stages: number;
  readonly tenants: number;
  readonly demands: number;
}

const regions = ["eu", "de", "us", "cn"];
const stages = ["asr", "llm", "tts", "face", "compositor"];

interface ClassShape {
  readonly name: string;
  readonly memoryMebibytes: number;
  readonly videoEncoders: number;
  readonly partition: { readonly name: string; readonly memoryMebibytes: number; readonly perDevice: number } | undefined;
}

/** Invented hardware: only shapes matter here. */
const devices: readonly ClassShape[] = [
  { name: "big", memoryMebibytes: 80_000, videoEncoders: 0, partition: { name: "small-cut", memoryMebibytes: 10_000, perDevice: 7 } },
  { name: "mid", memoryMebibytes: 24_000, videoEncoders: 2, partition: undefined },
];
const cpu = "cpu";

/** Small worlds in which every rule binds now and then. */
export function arbitraryInput(sizes: Sizes): fc.Arbitrary<PlanInput> {
  const siteNames = names("site", sizes.sites);
  const tenantNames = names("tenant", sizes.tenants);
  const pipelineNames = names("p/pipeline", sizes.pipelines);
  const stageNames = stages.slice(0, sizes.stages);
  const modelNames = stageNames.flatMap((stage) => [`${stage}-a`, `${stage}-b`]);
  return fc
    .record({
      sites: fc.tuple(...siteNames.map((name) => arbitrarySite(name, siteNames))),
      hosts: fc.tuple(...siteNames.map((site) => fc.array(arbitraryHost(site), { maxLength: sizes.hostsPerSite }))),
      models: fc.tuple(...modelNames.map(arbitraryModel)),
      profiles: fc.tuple(
        ...modelNames.flatMap((model) =>
          [...devices.map(({ name }) => name), cpu].map((acceleratorClass) =>
            fc.record({
              model: fc.constant(model),
              acceleratorClass: fc.constant(acceleratorClass),
              image: fc.constant("image"),
              sessions: fc.integer({ min: 1, max: 20 }),
              known: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
            }),
          ),
        ),
      ),
      pipelines: fc.tuple(
        ...pipelineNames.map((name) =>
          fc.record({
            name: fc.constant(name),
            stages: fc
              .subarray([...stageNames], { minLength: 1 })
              .chain((chosen) =>
                fc.tuple(
                  ...chosen.map((stage) =>
                    fc.subarray([`${stage}-a`, `${stage}-b`], { minLength: 1 }).map((models) => ({ stage, models })),
                  ),
                ),
              ),
            roundTripLimitMs: fc.constantFrom(10, 50, 200),
            residency: fc.subarray(regions, { maxLength: 3 }),
          }),
        ),
      ),
      tenants: fc.tuple(
        ...tenantNames.map((name) =>
          fc.record({
            name: fc.constant(name),
            residency: fc.oneof(fc.constant([]), fc.subarray(regions, { minLength: 1 })),
            quotas: fc.tuple(
              ...pipelineNames.map((pipeline) =>
                fc.record({
                  pipeline: fc.constant(pipeline),
                  guaranteed: fc.integer({ min: 0, max: 5 }),
                  limit: fc.integer({ min: 5, max: 40 }),
                  weight: fc.integer({ min: 1, max: 5 }),
                }),
              ),
            ),
          }),
        ),
      ),
      demand: fc.uniqueArray(
        fc.record({
          pipeline: fc.constantFrom(...pipelineNames),
          tenant: fc.constantFrom(...tenantNames, "nobody"),
          site: fc.constantFrom(...siteNames),
          sessions: fc.integer({ min: 1, max: 30 }),
        }),
        { maxLength: sizes.demands, selector: ({ pipeline, tenant, site }: PlanDemand) => `${pipeline}|${tenant}|${site}` },
      ),
      headroomPercent: fc.constantFrom(0, 25),
      exclude: fc.option(
        fc.record({
          site: fc.constantFrom(...siteNames),
          acceleratorClass: fc.constantFrom(...devices.map(({ name }) => name)),
          untilMs: fc.constantFrom(50, 500),
        }),
      ),
    })
    .map(
      ({ hosts, profiles, headroomPercent, exclude, ...rest }): PlanInput => ({
        ...rest,
        nowMs: 100,
        inventory: { hosts: hosts.flat().map((host, at) => ({ ...host, node: `node-${at}` })), quarantined: [] },
        classes: [
          { name: "big", pricePerHourMicros: 3_000_000, partitions: [{ name: "small-cut", perDevice: 7 }] },
          { name: "mid", pricePerHourMicros: 900_000, partitions: [] },
          { name: cpu, pricePerHourMicros: 40_000, partitions: [] },
        ],
        profiles: profiles.filter(({ known }) => known).map(({ known: _, ...profile }) => profile),
        pools: [],
        exclusions: exclude ? [{ ...exclude, share: { whole: true }, message: "a pod stayed Pending" }] : [],
        templates: Object.fromEntries(stages.map((stage) => [stage, { image: "image", hostMillicores: 500, hostMemoryMebibytes: 1000 }])),
        options: { headroomPercent, maxMoves: 0, minSavingPercent: 20 },
      }),
    );
}

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);

const arbitrarySite = (name: string, all: readonly string[]): fc.Arbitrary<PlanSite> =>
  fc.record({
    name: fc.constant(name),
    residency: fc.subarray(regions, { minLength: 1 }),
    roundTrips: fc.tuple(
      ...all
        .filter((other) => other < name)
        .map((site) => fc.record({ site: fc.constant(site), milliseconds: fc.constantFrom(5, 20, 80, 300) })),
    ),
    priceFactorPercent: fc.constantFrom(80, 100, 150),
    state: fc.constantFrom<PlanSite["state"]>("open", "open", "open", "open", "paused", "cut", "lost"),
  });

const arbitraryHost = (site: string): fc.Arbitrary<Omit<Host, "node">> =>
  fc.record({
    site: fc.constant(site),
    millicores: fc.integer({ min: 0, max: 16_000 }),
    memoryMebibytes: fc.integer({ min: 0, max: 64_000 }),
    cpuClass: fc.constantFrom(cpu, undefined),
    offers: fc.subarray([...devices]).chain((chosen) => fc.tuple(...chosen.map(arbitraryOffers)).map((lists) => lists.flat())),
    closed: fc.constantFrom(undefined, undefined, undefined, { reason: "Cordoned", message: "cordoned" }),
  });

function arbitraryOffers({ name, memoryMebibytes, videoEncoders, partition }: ClassShape): fc.Arbitrary<Offer[]> {
  // Encoders that are taken by others: what matters is that a device may have none left.
  const whole = fc
    .record({ count: fc.integer({ min: 1, max: 4 }), videoEncoders: fc.integer({ min: 0, max: videoEncoders }) })
    .map((drawn): Offer => ({ ...drawn, acceleratorClass: name, shareKind: "whole", memoryMebibytes, fraction: 1 }));
  if (!partition) return whole.map((offer) => [offer]);
  const cut = fc.integer({ min: 1, max: 7 }).map(
    (count): Offer => ({
      acceleratorClass: name,
      shareKind: `partition:${partition.name}`,
      count,
      memoryMebibytes: partition.memoryMebibytes,
      videoEncoders: 0,
      fraction: 1 / partition.perDevice,
    }),
  );
  return fc.oneof(
    whole.map((offer) => [offer]),
    cut.map((offer) => [offer]),
    fc.tuple(whole, cut),
  );
}

function arbitraryModel(name: string): fc.Arbitrary<PlanModel> {
  const need = (acceleratorClass: string, share: fc.Arbitrary<Share>, maxMemory: number) =>
    fc.record({
      acceleratorClass: fc.constant(acceleratorClass),
      share,
      memoryMebibytes: fc.integer({ min: 500, max: maxMemory }),
      videoEncoder: fc.constant(false),
    });
  const big = need("big", fc.constantFrom<Share>({ whole: true }, { partition: "small-cut" }), 30_000);
  const mid = fc
    .tuple(need("mid", fc.constant<Share>({ whole: true }), 16_000), fc.integer({ min: 0, max: 3 }))
    .map(([one, dice]) => ({ ...one, videoEncoder: dice === 0 }));
  const onCpu = need(
    cpu,
    fc.integer({ min: 250, max: 4000 }).map((cpuMillicores): Share => ({ cpuMillicores })),
    4000,
  );
  return fc
    .tuple(big, mid, onCpu, fc.subarray([0, 1, 2], { minLength: 1 }), fc.integer({ min: 0, max: 19 }))
    .map(([a, b, c, chosen, dice]) => ({
      name,
      stage: name.split("-")[0] ?? "",
      verified: dice > 0,
      needs: [a, b, c].filter((_, at) => chosen.includes(at)),
    }));
}
