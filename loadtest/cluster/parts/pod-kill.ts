import { stageNames } from "@troupe/kinds";
import { quantile, type Report } from "@troupe/report";
import { readSessionLog, type SessionRecord } from "../checker/session-log.ts";
import { tenths } from "../figures-file.ts";
import type { Part, PartContext } from "../part.ts";
import type { Child } from "../rig/child.ts";
import { type Cluster, namespace, startCluster } from "../rig/cluster.ts";
import { type Observed, type Observer, observe } from "../rig/observer.ts";
import { need } from "../rig/until.ts";
import { type Serving, serve } from "../serving/serve.ts";

const sessions = 6;
const maxSessions = 8;
const rounds = 5;
const coldRounds = 3;
const nodes = ["node-0", "node-1"] as const;
const backMs = 2000;

interface PlacedPod extends Observed {
  readonly spec: { readonly nodeName?: string };
}

interface Killed {
  /** Sessions that had a stage in the pod. */
  readonly sessions: number;
  /** From the kill until a session has all its stages again, of each. */
  readonly backMs: readonly number[];
}

interface Cold {
  readonly refused: number;
  /** Of the refusals, those that say when to come again. */
  readonly withRetryAfter: number;
  readonly reasons: readonly string[];
  readonly firstOpenMs: number;
  readonly allBackMs: number;
}

export const podKillPart: Part = {
  name: "podKill",
  description: "a pod's processes are killed while another replica has headroom, and where there is none",
  limitS: () => 500,
  async run(context) {
    const { warm, cold } = await measure(context);
    const recoveryMs = tenths(Math.max(...warm.flatMap((round) => round.backMs)));
    const coldMs = tenths(Math.max(...cold.map((round) => round.firstOpenMs)));
    return { figures: { simulatedPodKill: { recoveryMs, coldMs } }, report: reportOf(warm, cold) };
  },
};

/** One process for the pods of each node, as if it were the machine. */
type Machines = Map<string, Child>;

async function measure({ seed, signal, step }: PartContext) {
  await using cluster = await startCluster({ nodes: nodes.length, signal, step });
  await using stack = new AsyncDisposableStack();
  const machines: Machines = new Map();
  const startMachine = async (node: string) => {
    machines.set(node, stack.use(await cluster.startReplicas(`replicas-${node}`, { maxSessions, nodes: [node] })));
  };
  for (const node of nodes) await startMachine(node);
  const pools = [{ name: "pack", stages: stageNames, replicas: 2, maxReplicas: 2 }];
  const serving = stack.use(await serve(cluster, { pools, sessions, meanLifeMs: 1e9, moveChance: 0, seed, signal }));
  const pods = stack.use(await observe<PlacedPod>(cluster.control, `/api/v1/namespaces/${namespace}/pods`, signal));
  const rig: Rig = { cluster, serving, pods, machines, startMachine, signal };
  const warm: Killed[] = [];
  for (let round = 0; round < rounds; round++) {
    warm.push(await killWithHeadroom(rig));
    step(`with headroom: ${JSON.stringify(warm.at(-1))}`);
  }
  const cold: Cold[] = [];
  for (let round = 0; round < coldRounds; round++) {
    cold.push(await killTheLast(rig));
    step(`without: ${JSON.stringify(cold.at(-1))}`);
  }
  return { warm, cold };
}

interface Rig {
  readonly cluster: Cluster;
  readonly serving: Serving;
  readonly pods: Observer<PlacedPod>;
  readonly machines: Machines;
  readonly startMachine: (node: string) => Promise<void>;
  readonly signal: AbortSignal;
}

interface Kill {
  readonly utcMs: number;
  readonly pod: string;
  readonly node: string;
  /** Stages that each session had there. */
  readonly served: ReadonlyMap<string, number>;
}

/** Kills the processes on the machine of the pod that most sessions stand on. */
async function kill({ serving, pods, machines }: Rig): Promise<Kill> {
  const places = standing(await readSessionLog(serving.sessionLog));
  const servedBy = (pod: string) =>
    new Map(
      [
        ...Map.groupBy(
          places.filter(({ replica }) => replica.startsWith(`${pod}-`)),
          ({ session }) => session,
        ),
      ].map(([session, stages]) => [session, stages.length]),
    );
  const ranked = pods.list().map(({ metadata: { name: pod }, spec: { nodeName: node = "" } }) => ({ pod, node, served: servedBy(pod) }));
  const [victim, ...others] = ranked.sort((a, b) => b.served.size - a.served.size);
  if (!victim || others.some(({ node }) => node === victim.node)) throw new Error("the replicas are not on machines of their own");
  const utcMs = Date.now();
  await machines.get(victim.node)?.kill("SIGKILL");
  return { utcMs, ...victim };
}

/** Its kubelet is gone for good: the pod's object is removed and nothing is placed there. */
async function writeOff({ cluster, signal }: Rig, { pod, node }: Kill): Promise<void> {
  const { api } = cluster.control;
  const body = { spec: { unschedulable: true } };
  await api.request({ method: "PATCH", path: `/api/v1/nodes/${node}`, body, contentType: "application/merge-patch+json" }, signal);
  await api.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}/pods/${pod}?gracePeriodSeconds=0` }, signal);
}

/** The machine comes back empty, and the pool is whole again. */
async function repair(rig: Rig, node: string): Promise<void> {
  const { cluster, serving, signal, startMachine } = rig;
  await startMachine(node);
  await cluster.control.kubectl("uncordon", node);
  await need("the sessions are back", () => serving.gateway.status?.sessions === sessions, { signal });
  await serving.settled(60_000);
}

async function killWithHeadroom(rig: Rig): Promise<Killed> {
  const { serving, signal } = rig;
  await serving.scale("pack", 2);
  await serving.settled(60_000);
  const { utcMs, node, served } = await kill(rig);
  const back = await backTimes(rig, served, utcMs);
  // Its kubelet starts its containers again.
  await repair(rig, node);
  signal.throwIfAborted();
  return { sessions: served.size, backMs: back };
}

/** Nobody else has a seat: what is opened now is refused, until the operator has made another pod. */
async function killTheLast(rig: Rig): Promise<Cold> {
  const { serving, signal } = rig;
  await serving.scale("pack", 1);
  await serving.settled(60_000);
  const killed = await kill(rig);
  const { utcMs, node, served } = killed;
  await writeOff(rig, killed);
  // Two more are wanted, so that there is someone to refuse.
  serving.gateway.send({ sessions: sessions + 2 });
  const since = async () => (await readSessionLog(serving.sessionLog)).filter((record) => record.utcMs >= utcMs);
  let log: readonly SessionRecord[] = [];
  const untilMs = performance.now() + 90_000;
  while (!log.some(({ type }) => type === "opened") && performance.now() < untilMs) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
    log = await since();
  }
  const back = await backTimes(rig, served, utcMs);
  const refusals = log.filter((record) => record.type === "refused");
  const opened = log.find(({ type }) => type === "opened");
  serving.gateway.send({ sessions });
  await repair(rig, node);
  return {
    refused: refusals.length,
    withRetryAfter: refusals.filter(({ retryAfterMs }) => retryAfterMs !== undefined).length,
    reasons: [...new Set(refusals.map(({ reason }) => reason))],
    firstOpenMs: (opened?.utcMs ?? Number.NaN) - utcMs,
    allBackMs: Math.max(...back),
  };
}

/** When each of them had every lost stage again, from the kill on. */
async function backTimes({ serving, signal }: Rig, served: Kill["served"], utcMs: number): Promise<readonly number[]> {
  const untilMs = performance.now() + 60_000;
  for (;;) {
    signal.throwIfAborted();
    const log = (await readSessionLog(serving.sessionLog)).filter((record) => record.utcMs >= utcMs);
    const back = [...served].map(([session, stages]) => {
      const restored = log.filter((record) => record.session === session && record.type === "restored");
      return restored.length >= stages ? (restored.at(-1)?.utcMs ?? Number.NaN) - utcMs : undefined;
    });
    if (back.every((one) => one !== undefined)) return back;
    if (performance.now() > untilMs) throw new Error(`${back.filter((one) => one === undefined).length} sessions did not come back`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Where every session stands at the end of the log. */
function standing(log: readonly SessionRecord[]) {
  const places = new Map<string, { readonly session: string; readonly replica: string }>();
  const put = (session: string, { stage, replica }: { readonly stage: string; readonly replica: string }) =>
    places.set(`${session}/${stage}`, { session, replica });
  for (const record of log) {
    if (record.type === "opened") for (const binding of record.bindings) put(record.session, binding);
    if (record.type === "moved" || record.type === "restored") put(record.session, record);
    if (record.type === "ended") for (const stage of stageNames) places.delete(`${record.session}/${stage}`);
  }
  return [...places.values()];
}

function reportOf(warm: readonly Killed[], cold: readonly Cold[]): Report {
  const back = warm.flatMap((round) => round.backMs);
  const worst = Math.max(...back);
  const told = cold.every(({ refused, withRetryAfter }) => refused > 0 && refused === withRetryAfter);
  return {
    title: "A pod is killed",
    method: [
      `A real kube-apiserver with two simulated nodes (kwok) and one pool of pods with all five stages. For each node one process runs the real stage runtime of its pods over a real nats-server; it is killed with SIGKILL. A gateway process with the code of gateways keeps ${sessions} sessions; each replica has seats for ${maxSessions}.`,
      "With headroom (two replicas, five rounds; the process starts again after each, as a kubelet would do it): from the kill until a session has every stage again, as the gateway's session log says. Without (one replica; its pod's object is removed and the node cordoned, so that the operator must make another): what the gateway was answered when it opened sessions meanwhile, and the time from the kill until the first was admitted again. Simulated pods start at once and load no models: this cold time is that of operator, scheduler, kubelet's report and announcement alone; pulling an image and loading models come on top.",
    ],
    tables: [
      {
        title: "With headroom",
        head: ["round", "sessions in the pod", "back p50 ms", "back max ms"],
        rows: warm.map((round, n) => [n + 1, round.sessions, tenths(quantile(round.backMs, 0.5)), Math.max(...round.backMs)]),
      },
      {
        title: "Without",
        head: ["round", "opens refused", "with retry-after", "reasons", "first admitted after ms", "all sessions back after ms"],
        rows: cold.map((round, n) => [
          n + 1,
          round.refused,
          round.withRetryAfter,
          round.reasons.join(", "),
          round.firstOpenMs,
          round.allBackMs,
        ]),
      },
    ],
    aims: [
      { what: "sessions back with headroom", aim: `within ${backMs} ms`, measured: `${worst} ms`, met: worst <= backMs },
      { what: "without: refused with retry-after", aim: "all", measured: told ? "all" : "not all", met: told },
    ],
    raw: { warm, cold },
  };
}
