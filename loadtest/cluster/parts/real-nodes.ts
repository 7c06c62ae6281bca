import { type StageName, stageNames } from "@troupe/kinds";
import { quantile, type Report } from "@troupe/report";
import { platformImage, testbedEnvironment } from "@troupe/testbed";
import { tenths } from "../figures-file.ts";
import { type ControlPlaneAway, withoutControlPlane } from "../nodes/control-plane-away.ts";
import { Crowd, type Experience } from "../nodes/crowd.ts";
import { drainNodes, type NodeDrains } from "../nodes/drain-nodes.ts";
import { experienceTable, judgedAs, uncutAim } from "../nodes/experience-table.ts";
import { type ColdKill, type Killed, killTheLast, killWithHeadroom } from "../nodes/kill-pods.ts";
import { type PoolMembers, startRealCluster } from "../nodes/real-cluster.ts";
import { rollImage, scaleOutAndIn } from "../nodes/scale-and-roll.ts";
import type { Part, PartContext } from "../part.ts";

const people = 20;
const watching = 4;
const size = 128;
const backLimitMs = 2000;
const stub = { backend: "stub", models: [], cpuMillicores: 100, limitMillicores: 250 };
const members: PoolMembers = {
  asr: stub,
  llm: stub,
  tts: stub,
  face: stub,
  compositor: { models: [], cpuMillicores: 600, limitMillicores: 600 },
};
/** Of those that a session cannot be opened without. */
const coldStage: StageName = "tts";

interface Measured {
  readonly scaled: Experience;
  readonly rolled: Experience;
  readonly upgraded: Experience;
  readonly warm: readonly Killed[];
  readonly cold: ColdKill;
  readonly drained: NodeDrains;
  readonly away: ControlPlaneAway;
}

export const realNodesPart: Part = {
  name: "realNodes",
  description:
    "two real nodes under 20 scripted sessions: pools scaled and rolled, the chart upgraded, pods killed, nodes drained, no control plane",
  limitS: ({ minutes }) => 1500 + minutes * 60,
  async run(context) {
    const measured = await measure(context);
    return { figures: figuresOf(measured), report: reportOf(measured) };
  },
};

async function measure({ minutes, seed, signal, step }: PartContext): Promise<Measured> {
  const options = { ...testbedEnvironment(), signal, log: step };
  const older = await platformImage({ ...options, tag: "older", olderContracts: true });
  const image = await platformImage(options);
  await using cluster = await startRealCluster({ older, image, maxSessions: people + 12, signal, step });
  await cluster.makePools(members);
  step("every pool admits");
  await using crowd = await Crowd.gather(cluster, { people, watching, size, seed, signal, step });
  const tell = <T>(what: string, measured: T): T => {
    step(`${what}: ${JSON.stringify(measured)}`);
    return measured;
  };
  tell("nothing happens", await crowd.during(() => new Promise((resolve) => setTimeout(resolve, 20_000))));
  const scaled = tell("scaled", await scaleOutAndIn(cluster, crowd));
  const rolled = tell("rolled", await rollImage(cluster, crowd, image));
  const upgraded = tell("chart upgraded", await crowd.during(() => cluster.upgradeChart()));
  const warm: Killed[] = [];
  for (const stage of stageNames) warm.push(tell("killed with headroom", await killWithHeadroom(cluster, crowd, stage, signal)));
  const cold = tell("the last killed", await killTheLast(cluster, crowd, coldStage, signal));
  const drained = tell("nodes drained", await drainNodes(cluster, crowd));
  const away = tell("without control plane", await withoutControlPlane(cluster, crowd, minutes, signal));
  return { scaled, rolled, upgraded, warm, cold, drained, away };
}

const backOf = (killed: readonly Killed[]) => killed.flatMap(({ backMs }) => backMs.map((ms) => ms ?? Number.POSITIVE_INFINITY));

function figuresOf({ scaled, rolled, upgraded, warm, cold, drained, away }: Measured) {
  const { sessions, gapMs } = rolled;
  const sum = (of: (experience: Experience) => number) => of(scaled) + of(rolled);
  return {
    roll: {
      sessions,
      cut: sum(({ cut }) => cut),
      lostTurns: sum(({ lostTurns }) => lostTurns),
      restarted: sum(({ restarted }) => restarted),
      gapMs,
    },
    upgrade: upgraded,
    podKill: { recoveryMs: tenths(Math.max(...backOf(warm))), coldMs: tenths(cold.admittedMs) },
    nodeDrain: { moved: drained.first.moved, refused: drained.refused },
    apiDown: { minutes: away.minutes, cut: away.experience.cut, admitted: away.admitted },
  };
}

function reportOf(measured: Measured): Report {
  const { scaled, rolled, upgraded, warm, cold, drained, away } = measured;
  const worst = Math.max(...backOf(warm));
  const told = cold.refusals.every((text) => text.includes("retry_after_ms"));
  const uncut = [
    ["every pool 1 → 3 → 1", scaled],
    ["a new image in every pool", rolled],
    ["the chart upgraded: operator, gateways", upgraded],
    ["one node drained", drained.first],
    ["the last node drained, which is refused", drained.last],
    [`operator and API server away for ${away.minutes} min`, away.experience],
  ] as const;
  return {
    title: "Sessions on real nodes",
    method: [
      `Two real nodes (containerd, kubelet; see tools/testbed) on one machine with a real control plane; Troupe by its chart, two gateways behind a Service, NATS in the cluster, one pool a stage made by hand with seats for ${people + 12} sessions a replica; stub backends for recognition, dialogue, voice and face, real presenter. ${people} people at the Realtime socket, through the nodes' port, ask one question aloud after the other (${watching} of them see pictures of ${size}x${size}, the others only hear: all share two cores with the cluster, so containers are limited to 0.2 to 0.7 of one).`,
      ...judgedAs,
      "The chart is installed as it was one release ago (one image and one field older), then upgraded. A pod is killed by SIGKILL of its process; its kubelet starts it again. Back: until the client was told where the stage is now.",
    ],
    tables: [
      experienceTable([
        ...uncut,
        ...warm.map(({ stage, experience }) => [`${stage} killed, another has headroom`, experience] as const),
        [`the only ${cold.stage} killed`, cold.experience],
      ]),
      {
        title: "A pod's process killed while another replica has headroom",
        head: ["stage", "sessions", "back p50 ms", "back max ms"],
        rows: warm.map((one) => [one.stage, one.backMs.length, tenths(quantile(backOf([one]), 0.5)), tenths(Math.max(...backOf([one])))]),
      },
      {
        title: "Otherwise",
        head: ["what", "value"],
        rows: [
          [`the only ${cold.stage} killed: sessions back after ms, at most`, tenths(Math.max(...backOf([cold])))],
          ["  somebody new admitted after ms", tenths(cold.admittedMs)],
          ["  refused until then", `${cold.refusals.length}: ${[...new Set(cold.refusals)].join("; ")}`],
          ["pods of the last node whose eviction was refused", drained.refused],
          ...drained.reasons.map((reason) => ["  why", reason] as const),
          ["admitted without control plane", `${away.admitted}; refused ${away.refusals.length}`],
        ],
      },
    ],
    aims: [
      uncutAim(uncut),
      { what: "sessions back with headroom", aim: `within ${backLimitMs} ms`, measured: `${tenths(worst)} ms`, met: worst <= backLimitMs },
      { what: "without: refused with retry-after", aim: "all", measured: told ? "all" : "not all", met: told && cold.refusals.length > 0 },
      {
        what: "evictions on the last node refused",
        aim: "all 5",
        measured: `${drained.refused}`,
        met: drained.refused === stageNames.length,
      },
      {
        what: "new sessions without control plane",
        aim: "all",
        measured: `${away.admitted} of ${away.admitted + away.refusals.length}`,
        met: away.refusals.length === 0,
      },
    ],
    raw: measured,
  };
}
