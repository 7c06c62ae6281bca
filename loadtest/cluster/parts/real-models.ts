import type { Report } from "@troupe/report";
import { platformImage, testbedEnvironment } from "@troupe/testbed";
import { Crowd, type Experience } from "../nodes/crowd.ts";
import { experienceTable, judgedAs, uncutAim } from "../nodes/experience-table.ts";
import { type PoolMembers, type RealCluster, startRealCluster } from "../nodes/real-cluster.ts";
import { rollImage, scaleOutAndIn } from "../nodes/scale-and-roll.ts";
import type { Part, PartContext } from "../part.ts";

const people = 4;
const size = 256;
const onTimeAim = 99;

interface Measured {
  readonly before: Experience;
  /** Units of picture and sound at most 200 ms late, while nothing happens. */
  readonly onTimePercent: number;
  readonly scaled: Experience;
  readonly rolled: Experience;
}

export const realModelsPart: Part = {
  name: "realModels",
  description: "two real nodes under sessions with real models: pools scaled and rolled",
  limitS: () => 1200,
  async run(context) {
    const measured = await measure(context);
    const { sessions, cut, lostTurns, restarted, gapMs } = measured.rolled;
    const { scaled, onTimePercent } = measured;
    const rollRealModels = {
      sessions,
      cut: cut + scaled.cut,
      lostTurns: lostTurns + scaled.lostTurns,
      restarted: restarted + scaled.restarted,
      gapMs,
      onTimePercent,
    };
    return { figures: { rollRealModels }, report: reportOf(measured) };
  },
};

async function measure({ seed, signal, step }: PartContext): Promise<Measured> {
  const options = { ...testbedEnvironment(), signal, log: step };
  const older = await platformImage({ ...options, tag: "older", olderContracts: true });
  const image = await platformImage(options);
  await using cluster = await startRealCluster({ older, image, maxSessions: 2 * people, signal, step });
  await cluster.makePools(await membersOf(cluster, signal));
  step("every pool admits");
  await using crowd = await Crowd.gather(cluster, { people, size, seed, signal, step });
  const tell = (what: string, experience: Experience): Experience => {
    step(`${what}: ${JSON.stringify(experience)}`);
    return experience;
  };
  const startMs = performance.now();
  const before = tell("nothing happens", await crowd.during(() => new Promise((resolve) => setTimeout(resolve, 60_000))));
  const onTimePercent = crowd.onTimePercent(startMs, performance.now());
  step(`in time: ${onTimePercent} %`);
  const scaled = tell("scaled", await scaleOutAndIn(cluster, crowd));
  const rolled = tell("rolled", await rollImage(cluster, crowd, image));
  return { before, onTimePercent, scaled, rolled };
}

interface ModelList {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly spec: { readonly stage: string } }[];
}

/** Every model of the chart; it names each version on its own. */
async function membersOf({ control }: RealCluster, signal: AbortSignal): Promise<PoolMembers> {
  const { items } = await control.api.request<ModelList>({ path: "/apis/troupe.dev/v1alpha1/models" }, signal);
  const of = (stage: string, cpuMillicores: number) => ({
    models: items.filter(({ spec }) => spec.stage === stage).map(({ metadata }) => metadata.name),
    cpuMillicores,
    limitMillicores: 1000,
  });
  return {
    asr: of("asr", 300),
    llm: of("llm", 200),
    tts: of("tts", 300),
    face: { backend: "phones", ...of("face", 100) },
    compositor: of("compositor", 500),
  };
}

function reportOf({ before, onTimePercent, scaled, rolled }: Measured): Report {
  const named = [
    ["nothing happens", before],
    ["every pool 1 → 3 → 1", scaled],
    ["a new image in every pool", rolled],
  ] as const;
  return {
    title: "Sessions with real models on real nodes",
    method: [
      `Two real nodes on one machine, Troupe by its chart, one pool a stage: Whisper tiny, the museum's grounded answers, Hibari, mouths by phones, captions' font. ${people} people at the Realtime socket ask one question aloud after the other (pictures of ${size}x${size} at 25 a second). New pods load their models on the two cores on which the old ones serve.`,
      ...judgedAs,
      "In time: units of sound and picture at most 200 ms later than the earliest for its time of its session and track.",
    ],
    tables: [experienceTable(named)],
    aims: [
      uncutAim(named),
      {
        what: "units in time, nothing happening",
        aim: `${onTimeAim} %`,
        measured: `${onTimePercent} %`,
        met: onTimePercent >= onTimeAim,
      },
    ],
    raw: { before, onTimePercent, scaled, rolled },
  };
}
