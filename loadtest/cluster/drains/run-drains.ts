import { join } from "node:path";
import { checkDrains, type DrainFigures } from "../checker/check-drains.ts";
import type { Child } from "../rig/child.ts";
import { type Cluster, type GatewayStatus, namespace, operatorUser, startCluster } from "../rig/cluster.ts";
import { need } from "../rig/until.ts";
import type { SimulationStatus } from "../simulation/status.ts";
import { deployments } from "./deployment-subject.ts";
import { type Driven, drive } from "./drive.ts";
import { stagePools } from "./pool-subject.ts";
import type { Subject } from "./subject.ts";
import { tracedPools } from "./trace.ts";

export interface DrainsOptions {
  readonly drains: number;
  /** Pods taken away in each control; 0: the control is left out. */
  readonly withoutWaiting: number;
  readonly plainDeployment: number;
  readonly sessions: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
}

export interface Phase {
  readonly name: string;
  readonly driven: Driven;
  readonly figures: DrainFigures;
  /** The longest that gateway or replicas could not run: the machine had no time for them. */
  readonly stalledMs: number;
}

export interface DrainsResult {
  readonly operator: Phase;
  /** Victims are deleted as soon as they are named. */
  readonly withoutWaiting?: Phase;
  readonly plainDeployment?: Phase;
}

const nodeCount = 6;
const maxSessions = 8;
const meanLifeMs = 15_000;

/** Drains under load, and the controls on the same trace, in one cluster one after the other. */
export async function runDrains(options: DrainsOptions): Promise<DrainsResult> {
  const { signal, step } = options;
  await using cluster = await startCluster({ nodes: nodeCount, signal, step });
  await using replicas = await cluster.startReplicas("replicas", { maxSessions });
  const operator = await cluster.startOperator();
  await using pools = await stagePools(cluster, signal);
  await pools.create(tracedPools);
  await need("every pool serves", () => tracedPools.every(({ name }) => pools.settled(name)), { signal, timeoutMs: 90_000 }).catch(
    (thrown: unknown) => {
      operator.throwIfEnded();
      throw thrown;
    },
  );
  step("operator runs, every pool serves");
  const children = { replicas, operator };
  const first = await runPhase(cluster, children, pools, { ...options, name: "operator", pods: options.drains });
  let withoutWaiting: Phase | undefined;
  if (options.withoutWaiting > 0) {
    const kubeconfig = await cluster.kubeconfigOf("impatience");
    await using _ = cluster.start("impatience", "loadtest/cluster/simulation/impatience.ts", { kubeconfig });
    withoutWaiting = await runPhase(cluster, children, pools, { ...options, name: "without-waiting", pods: options.withoutWaiting });
  }
  await operator.kill();
  if (options.plainDeployment === 0) return { operator: first, ...(withoutWaiting && { withoutWaiting }) };
  await cluster.control.kubectl("-n", namespace, "delete", "stagepools,pods", "--all", "--wait=false");
  await using plain = await deployments(cluster, signal);
  await plain.create(tracedPools);
  await need("every Deployment serves", () => tracedPools.every(({ name }) => plain.settled(name)), { signal });
  const plainDeployment = await runPhase(cluster, { replicas }, plain, { ...options, name: "deployment", pods: options.plainDeployment });
  return { operator: first, ...(withoutWaiting && { withoutWaiting }), plainDeployment };
}

interface PhaseOptions extends Pick<DrainsOptions, "sessions" | "seed" | "signal" | "step"> {
  readonly name: string;
  readonly pods: number;
}

async function runPhase(
  cluster: Cluster,
  children: { readonly replicas: Child<SimulationStatus>; readonly operator?: Child },
  subject: Subject,
  { name, pods, sessions, seed, signal, step }: PhaseOptions,
): Promise<Phase> {
  const sessionLog = join(cluster.folder, `${name}.sessions.jsonl`);
  await using gateway = cluster.startGateway(`gateway-${name}`, { seed, log: sessionLog, meanLifeMs });
  gateway.send({ sessions });
  await need(`${sessions} sessions stand`, () => (gateway.status?.sessions ?? 0) >= sessions * 0.9, { signal });
  step(`${name}: ${sessions} sessions, ${pods} pods to go`);
  const fromMs = Date.now();
  const nodes = Array.from({ length: nodeCount }, (_, n) => `node-${n}`);
  const tell = () => tellStatus(gateway.status);
  const driven = await drive({ cluster, subject, nodes, seed, pods, signal, step, tell });
  const toMs = Date.now();
  for (const child of [...Object.values(children), gateway]) child.throwIfEnded();
  const stalledMs = Math.max(gateway.status?.stalledMs ?? 0, children.replicas.status?.stalledMs ?? 0);
  await gateway.kill();
  const period = { auditLog: cluster.control.auditLog, sessionLog, fromMs, toMs, operator: operatorUser, namespace: subject.namespace };
  const figures = await checkDrains(period);
  step(
    `${name}: ${figures.deletions} pods gone, ${figures.cut} sessions cut, ${figures.lost} bindings lost with them, ${figures.missedLeases} leases missed; ${tell()}`,
  );
  return { name, driven, figures, stalledMs };
}

const tellStatus = (status: GatewayStatus | undefined) =>
  status
    ? `${status.sessions} sessions, ${status.opened} opened, ${status.moved} moves, ${status.refused} refused, ${status.lost} lost`
    : "";
