import type { Announcement } from "@troupe/contracts";
import { annotations, labels, type StagePool } from "@troupe/kinds";
import type { Node, Pod } from "../kube/index.ts";
import { leavingReason } from "./leaving.ts";
import { loadOf, type PodFacts } from "./pod-facts.ts";
import { replicaOf } from "./replica-name.ts";

export interface PodSurroundings {
  readonly pool: StagePool;
  readonly node: (name: string) => Node | undefined;
  readonly replica: (id: string) => Announcement | undefined;
  readonly silentMs: (id: string) => number;
  /** Keys of taints that empty a node, e.g. of spot machines. */
  readonly drainTaints: readonly string[];
  /** Milliseconds since 1970. */
  readonly utcNowMs: number;
}

const crashRestarts = 3;
const nodeSeenMs = 60_000;

/** What a pod's object, its node and its replicas say. */
export function readPod(pod: Pod, around: PodSurroundings): PodFacts {
  const { pool, utcNowMs } = around;
  const { name, uid = "", creationTimestamp, deletionTimestamp } = pod.metadata;
  const members = pool.spec.members;
  const nodeName = pod.spec?.nodeName;
  const drain = readDrain(pod, utcNowMs);
  const ageMs = creationTimestamp === undefined ? 0 : Math.max(0, utcNowMs - Date.parse(creationTimestamp));
  const node = nodeName === undefined ? undefined : around.node(nodeName);
  // A pod may be seen before the new node that it stands on.
  const wish = node || (nodeName !== undefined && ageMs >= nodeSeenMs) ? leavingReason(node, around.drainTaints) : undefined;
  const replicas = members.map(({ stage }) => replicaOf(name, stage, members.length));
  const load = loadOf(replicas.map(around.replica));
  // After an outage of the API server every node looks as if it were dead. Whoever announces himself lives.
  const leaving = wish === "NodeNotReady" && load ? undefined : wish;
  const crashing = crashOf(pod);
  return {
    name,
    uid,
    revision: pod.metadata.labels?.[labels.revision] ?? "",
    state: stateOf(pod),
    ageMs,
    terminating: deletionTimestamp !== undefined,
    started: pod.status?.containerStatuses?.some((container) => container.started === true || container.ready) === true,
    silentMs: Math.min(...replicas.map(around.silentMs)),
    load,
    ...(drain && { drain }),
    ...(leaving !== undefined && { leaving }),
    ...(crashing !== undefined && { crashing }),
  };
}

function stateOf({ spec, status }: Pod): PodFacts["state"] {
  if (status?.phase === "Failed" || status?.phase === "Succeeded") return "ended";
  if (!spec?.nodeName) return "unscheduled";
  return status?.conditions?.some(({ type, status: holds }) => type === "Ready" && holds === "True") ? "ready" : "starting";
}

/** `<reason> <time>`, as {@link drainingAnnotation} writes it. */
function readDrain(pod: Pod, utcNowMs: number): PodFacts["drain"] {
  const text = pod.metadata.annotations?.[annotations.draining];
  if (text === undefined) return undefined;
  const [reason = "", time = ""] = text.split(" ");
  const sinceMs = Date.parse(time);
  return { reason, forMs: Number.isNaN(sinceMs) ? 0 : Math.max(0, utcNowMs - sinceMs) };
}

function crashOf({ status }: Pod): string | undefined {
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const { name, restartCount, ready, state, lastState } = container;
    const waiting = state?.waiting?.reason;
    if (waiting === "ErrImagePull" || waiting === "ImagePullBackOff" || waiting === "InvalidImageName")
      return `${name}: ${waiting} ${state?.waiting?.message ?? ""}`.trim();
    if (ready || restartCount < crashRestarts) continue;
    const ended = lastState?.terminated ?? state?.terminated;
    return `${name} restarted ${restartCount} times, last exit code ${ended?.exitCode ?? "unknown"}${ended?.reason ? ` (${ended.reason})` : ""}`;
  }
  return undefined;
}
