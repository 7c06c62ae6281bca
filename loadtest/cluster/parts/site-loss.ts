import type { StagePool } from "@troupe/kinds";
import { median, type Report } from "@troupe/report";
import { tenths } from "../figures-file.ts";
import type { Part, PartContext } from "../part.ts";
import type { Child } from "../rig/child.ts";
import { namespace, startCluster } from "../rig/cluster.ts";
import { observe } from "../rig/observer.ts";
import { need } from "../rig/until.ts";
import { addNodes, describeSites, giveProfile, reportDemand, type SiteName, sessionsPerReplica, twoSites } from "../sites/two-sites.ts";

const sessions = 12;
const nodesPerSite = 3;
const rounds = 4;
const limitMs = 120_000;

interface Round {
  readonly lost: SiteName;
  /** Replicas that served there, and are wanted elsewhere. */
  readonly replicas: number;
  /** From the loss until a pool at the other site exists. */
  readonly plannedMs: number;
  /** From the loss until as many replicas admit there. */
  readonly replacedMs: number;
}

export const siteLossPart: Part = {
  name: "siteLoss",
  description: "all machines of a site are lost: the planner places its packs at another site",
  limitS: () => 900,
  async run(context) {
    const done = await measure(context);
    const replacedMs = tenths(median(done.map((round) => round.replacedMs)));
    return { figures: { siteLoss: { replacedMs } }, report: reportOf(done) };
  },
};

async function measure({ signal, step }: PartContext): Promise<readonly Round[]> {
  await using cluster = await startCluster({ nodes: 1, signal, step });
  const { control } = cluster;
  const templates = await describeSites(cluster);
  for (const name of twoSites) await addNodes(cluster, name, nodesPerSite, signal);
  await using stack = new AsyncDisposableStack();
  const machines = new Map<SiteName, Child>();
  const nodesOf = (name: SiteName) => Array.from({ length: nodesPerSite }, (_, n) => `${name}-${n}`);
  const startMachines = async (name: SiteName) => {
    machines.set(name, stack.use(await cluster.startReplicas(`replicas-${name}`, { maxSessions: 8, nodes: nodesOf(name) })));
  };
  for (const name of twoSites) await startMachines(name);
  stack.use(await reportDemand(cluster, sessions));
  const operator = stack.use(await cluster.startOperator({ TROUPE_POOL_TEMPLATES: templates }));
  await giveProfile(cluster, signal);
  const pools = stack.use(await observe<StagePool>(control, `/apis/troupe.dev/v1alpha1/namespaces/${namespace}/stagepools`, signal));
  const at = (name: SiteName) => pools.list().filter(({ spec }) => spec.site === name);
  const admitting = (name: SiteName) => at(name).reduce((sum, { status }) => sum + (status?.admittingReplicas ?? 0), 0);
  const wanted = (name: SiteName) => at(name).reduce((sum, { spec }) => sum + spec.replicas, 0);
  const serves = (name: SiteName, replicas: number) => {
    operator.throwIfEnded();
    return replicas > 0 && wanted(name) >= replicas && admitting(name) >= replicas;
  };
  const tell = async (thrown: unknown): Promise<never> => {
    step(`operator: ${operator.log().slice(-2000)}`);
    step(await control.kubectl("get", "troupe", "-A"));
    throw thrown;
  };
  await need("the nearer site serves", () => serves("near", Math.ceil(sessions / sessionsPerReplica)), {
    signal,
    timeoutMs: limitMs,
  }).catch(tell);

  async function lose(lost: SiteName): Promise<Round> {
    const other: SiteName = lost === "near" ? "far" : "near";
    const replicas = wanted(lost);
    const startMs = performance.now();
    await machines.get(lost)?.kill("SIGKILL");
    for (const node of nodesOf(lost)) await control.api.request({ method: "DELETE", path: `/api/v1/nodes/${node}` }, signal);
    await need("it is planned elsewhere", () => wanted(other) > 0, { signal, timeoutMs: limitMs });
    const plannedMs = performance.now() - startMs;
    await need("it is replaced", () => serves(other, replicas), { signal, timeoutMs: limitMs });
    return { lost, replicas, plannedMs, replacedMs: performance.now() - startMs };
  }
  const done: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const lost = twoSites[round % twoSites.length] ?? "near";
    done.push(await lose(lost).catch(tell));
    step(JSON.stringify(done.at(-1)));
    await addNodes(cluster, lost, nodesPerSite, signal);
    await startMachines(lost);
    await need("the lost site's pools are gone", () => at(lost).length === 0, { signal, timeoutMs: limitMs }).catch(tell);
    step(`machines of ${lost} are back; ${wanted("near")} replicas wanted near, ${wanted("far")} far`);
  }
  return done;
}

function reportOf(done: readonly Round[]): Report {
  return {
    title: "A site is lost",
    method: [
      `A real kube-apiserver; two sites of ${nodesPerSite} simulated nodes (kwok) each, the nearer one cheaper, and a third without nodes, where a gateway's report says that ${sessions} sessions of a pipeline are active. The operator (\`node services/operator/main.ts\`) plans pools for them, whose replicas are played by the real stage runtime in one process for each site; the capacity of a replica is given as a profile, not measured.`,
      "A loss: the site's process is killed (SIGKILL) and its nodes are deleted, as a cloud's node controller does with machines that are gone. From then, watched from outside, until the planner's pool at the other site wants replicas, and until as many replicas as were lost admit there. The planner looks at each change and every 10 s, the autoscaler every 5 s. Then the machines come back.",
      "Simulated pods start at once and load no models; that comes on top.",
    ],
    tables: [
      {
        title: "Losses",
        head: ["round", "lost", "replicas", "planned elsewhere after ms", "replaced after ms"],
        rows: done.map(({ lost, replicas, plannedMs, replacedMs }, n) => [n + 1, lost, replicas, tenths(plannedMs), tenths(replacedMs)]),
      },
    ],
    aims: [],
    raw: done,
  };
}
