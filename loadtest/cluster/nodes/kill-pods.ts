import { labels, type StageName } from "@troupe/kinds";
import { containerdSocket } from "@troupe/testbed";
import { until } from "../rig/until.ts";
import type { Crowd, Experience } from "./crowd.ts";
import type { ObservedPod, RealCluster } from "./real-cluster.ts";

const backLimitMs = 60_000;
const tryEveryMs = 250;

export interface Killed {
  readonly stage: StageName;
  /** From the kill until the client of each session was told where the stage is now, in milliseconds; undefined: within 60 s it was not. */
  readonly backMs: readonly (number | undefined)[];
  readonly experience: Experience;
}

export interface ColdKill extends Killed {
  /** What those were told who came meanwhile. */
  readonly refusals: readonly string[];
  /** From the kill until somebody new was admitted. */
  readonly admittedMs: number;
}

/** Kills the process of the one pod that serves a stage, while another that has just come has headroom for all. */
export async function killWithHeadroom(cluster: RealCluster, crowd: Crowd, stage: StageName, signal: AbortSignal): Promise<Killed> {
  const [serving] = podsOf(cluster, stage);
  await cluster.scale(stage, 2);
  await cluster.settled();
  let backMs: Killed["backMs"] = [];
  const experience = await crowd.during(async () => {
    const back = await kill(cluster, crowd, serving, stage);
    await until(() => back().every((ms) => ms !== undefined), { signal, timeoutMs: backLimitMs });
    backMs = back();
  });
  await cluster.settled();
  await cluster.scale(stage, 1);
  await cluster.settled();
  return { stage, backMs, experience };
}

/** Kills the process of the only pod of a stage; its kubelet starts it again. Meanwhile somebody else wants to come. */
export async function killTheLast(cluster: RealCluster, crowd: Crowd, stage: StageName, signal: AbortSignal): Promise<ColdKill> {
  const refusals: string[] = [];
  let [admittedMs, backMs]: [number, Killed["backMs"]] = [Number.NaN, []];
  const experience = await crowd.during(async () => {
    const startMs = performance.now();
    const back = await kill(cluster, crowd, podsOf(cluster, stage)[0], stage);
    while (Number.isNaN(admittedMs) && performance.now() - startMs < backLimitMs) {
      signal.throwIfAborted();
      await crowd.comes().then(
        () => {
          admittedMs = performance.now() - startMs;
        },
        (refusal: Error) => refusals.push(refusal.message),
      );
      await new Promise((resolve) => setTimeout(resolve, tryEveryMs));
    }
    await until(() => back().every((ms) => ms !== undefined), { signal, timeoutMs: backLimitMs });
    backMs = back();
  });
  if (!Number.isNaN(admittedMs)) await crowd.leaves();
  await cluster.settled();
  return { stage, backMs, experience, refusals, admittedMs };
}

const podsOf = ({ pods }: RealCluster, stage: StageName) => pods.list().filter(({ metadata }) => metadata.labels?.[labels.pool] === stage);

/** SIGKILL, as when a process runs out of memory. @returns looks when the stage of each session was back, from now */
async function kill(
  { nodes }: RealCluster,
  { people }: Crowd,
  pod: ObservedPod | undefined,
  stage: StageName,
): Promise<() => Killed["backMs"]> {
  const node = nodes.find(({ name }) => name === pod?.spec.nodeName);
  const [container] = pod?.status?.containerStatuses ?? [];
  if (!(node && container)) throw new Error(`no pod of ${stage} runs`);
  const id = container.containerID.replace("containerd://", "");
  const known = people.map(({ movedMs }) => movedMs.length);
  const present = [...people];
  const killedMs = performance.now();
  await node.run("ctr", "--address", containerdSocket, "-n", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", id);
  return () =>
    present.map(({ movedMs }, n) => {
      const atMs = movedMs[known[n] ?? 0];
      return atMs === undefined ? undefined : atMs - killedMs;
    });
}
