import { setTimeout } from "node:timers/promises";
import { stageNames } from "@troupe/kinds";
import type { Report } from "@troupe/report";
import { checkDrains, countBy, type DrainFigures } from "../checker/check-drains.ts";
import { readSessionLog, type SessionRecord } from "../checker/session-log.ts";
import { listOf, tenths } from "../figures-file.ts";
import type { Part, PartContext } from "../part.ts";
import { namespace, operatorUser, startCluster } from "../rig/cluster.ts";
import { serve } from "../serving/serve.ts";

const nodeCount = 6;
const sessions = 20;
const beforeMs = 10_000;
const afterMs = 45_000;
const tellEveryMs = 15_000;
const pools = [
  ...stageNames.map((stage) => ({ name: stage, stages: [stage], replicas: 3, maxReplicas: 4 })),
  { name: "pack", stages: stageNames, replicas: 2, maxReplicas: 3 },
];

interface Span {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Measured {
  readonly minutes: number;
  readonly spans: readonly Span[];
  readonly log: readonly SessionRecord[];
  readonly figures: DrainFigures;
  /** From the return of the API server until every pool has settled again under a new operator. */
  readonly settledMs: number;
  /** Why the operators of the whole run named pods to go, and how often. */
  readonly named: Readonly<Record<string, number>>;
}

export const apiDownPart: Part = {
  name: "apiDown",
  description: "operator and API server are killed under load, stay away, and come back",
  limitS: ({ minutes }) => 400 + minutes * 60,
  async run(context) {
    const measured = await measure(context);
    const admitted = inSpan(measured, "both away", "opened");
    return { figures: { simulatedApiDown: { minutes: measured.minutes, cut: cutOf(measured), admitted } }, report: reportOf(measured) };
  },
};

async function measure({ minutes, seed, signal, step }: PartContext): Promise<Measured> {
  await using cluster = await startCluster({ nodes: nodeCount, signal, step });
  await using _ = await cluster.startReplicas("replicas", { maxSessions: 8 });
  await using serving = await serve(cluster, { pools, sessions, meanLifeMs: 15_000, moveChance: 0.005, seed, signal });
  const spans: Span[] = [];
  const span = async (name: string, happens: () => Promise<void>) => {
    const fromMs = Date.now();
    await happens();
    spans.push({ name, fromMs, toMs: Date.now() });
  };
  step(`${sessions} sessions stand`);
  await span("before", () => pause(beforeMs, signal));
  await serving.operator.kill();
  await cluster.control.stopApiServer();
  step("operator and API server are killed");
  await span("both away", async () => {
    const untilMs = performance.now() + minutes * 60_000;
    while (performance.now() < untilMs) {
      await pause(Math.min(tellEveryMs, untilMs - performance.now()), signal);
      step(`both away; ${JSON.stringify(serving.gateway.status)}`);
    }
  });
  let settledMs = 0;
  await span("back", async () => {
    const startMs = performance.now();
    await cluster.control.startApiServer();
    await serving.startOperator();
    await pause(10_000, signal);
    await serving.settled(180_000);
    settledMs = performance.now() - startMs;
    step(`both are back, every pool has settled after ${(settledMs / 1000).toFixed(1)} s`);
    await pause(afterMs, signal);
  });
  const [fromMs, toMs] = [spans[0]?.fromMs ?? 0, spans.at(-1)?.toMs ?? 0];
  await serving.gateway.kill();
  const { auditLog } = cluster.control;
  const figures = await checkDrains({ auditLog, sessionLog: serving.sessionLog, fromMs, toMs, operator: operatorUser, namespace });
  const named = countBy(
    [...serving.operator.log().matchAll(/"reason":"(\w+)","msg":"a pod is named to go"/g)].map(([, reason = ""]) => reason),
  );
  return { minutes, spans, log: await readSessionLog(serving.sessionLog), figures, settledMs, named };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(Math.max(0, ms), undefined, { signal });

function inSpan({ spans, log }: Measured, name: string, type: SessionRecord["type"]): number {
  const { fromMs, toMs } = spans.find((one) => one.name === name) ?? { fromMs: 0, toMs: 0 };
  return log.filter((record) => record.type === type && record.utcMs >= fromMs && record.utcMs < toMs).length;
}

/** Sessions bound to a pod when it was deleted, and sessions that lost a binding in any other way. */
function cutOf({ figures, log }: Measured): number {
  const lost = new Set(log.filter(({ type }) => type === "lost").map(({ session }) => session));
  return Math.max(figures.cut, lost.size);
}

function reportOf(measured: Measured): Report {
  const { spans, minutes, figures, settledMs } = measured;
  const cut = cutOf(measured);
  const admitted = inSpan(measured, "both away", "opened");
  const refusedAfter = inSpan(measured, "back", "refused");
  return {
    title: "Operator and API server away",
    method: [
      `A real kube-apiserver with simulated nodes (kwok), ${pools.length} pools, real nats-server. A process outside the operator runs the real stage runtime for every pod; a gateway process keeps ${sessions} sessions of five stages, each for 15 s on average, so that new ones are opened all the time, and moves some at random. Operator and API server are killed (SIGKILL), stay away for ${minutes} min, and come back with a new operator; it is watched on until every pool has settled and ${afterMs / 1000} s longer.`,
      "Admitted: sessions opened while both were away. Cut: sessions that lost a stage without having left it, or were bound to a pod when it was deleted, in the whole time, the return included; from the gateway's session log and the API server's audit log.",
    ],
    tables: [
      {
        title: "Sessions",
        head: ["span", "s", "opened", "ended", "moves", "refused", "bindings lost"],
        rows: spans.map(({ name, fromMs, toMs }) => [
          name,
          Math.round((toMs - fromMs) / 1000),
          ...(["opened", "ended", "moved", "refused", "lost"] as const).map((type) => inSpan(measured, name, type)),
        ]),
      },
      {
        title: "The return",
        head: ["what", "value"],
        rows: [
          ["s until every pool has settled (at least 10)", tenths(settledMs / 1000)],
          ["pods that the operator named to go, by reason", listOf(measured.named)],
          ["opens refused, by reason", listOf(figures.refused)],
          ["pods deleted", figures.deletions],
          ["sessions bound to them", figures.cut],
        ],
      },
    ],
    aims: [
      { what: "sessions cut", aim: "0", measured: String(cut), met: cut === 0 },
      { what: "opens refused after the return", aim: "0", measured: String(refusedAfter), met: refusedAfter === 0 },
      { what: "new sessions while both are away", aim: "more than 0", measured: String(admitted), met: admitted > 0 },
    ],
    raw: measured,
  };
}
