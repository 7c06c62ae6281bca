import { type AuditedRequest, readAuditLog } from "./audit-log.ts";
import { type Binding, bindingsOf, readSessionLog, type SessionRecord } from "./session-log.ts";

/** The first request that takes a pod away. */
export interface Deletion {
  readonly pod: string;
  readonly user: string;
  readonly way: "delete" | "eviction";
  readonly utcMs: number;
}

export interface DrainFigures {
  /** Pods that were taken away. */
  readonly deletions: number;
  /** Of them, by who asked for it. */
  readonly byUser: Readonly<Record<string, number>>;
  /** Evictions that the server refused. */
  readonly evictionsRefused: number;
  /** Sessions that were bound to a pod in the moment when its deletion was asked for; a session counts once for each such pod. */
  readonly cut: number;
  /** The first of them. */
  readonly cutBindings: readonly (Binding & { readonly deletedMs: number })[];
  /** Bindings that a session lost without having left them, because their pod had been deleted. */
  readonly lost: number;
  /** Bindings that a session gave up although their pod was there: it had missed too many beats. */
  readonly missedLeases: number;
  readonly opened: number;
  /** Opens that were refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  readonly moved: number;
  /** Of the deleted pods, those that served sessions when they were named to go. */
  readonly servedWhenNamed: number;
  /** Milliseconds from that to the deletion, of those. */
  readonly drainMs: readonly number[];
  /** Answered requests of the operator. */
  readonly operatorCalls: number;
}

export interface CheckedPeriod {
  readonly auditLog: string;
  readonly sessionLog: string;
  /** Milliseconds since 1970; requests outside are not counted. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly operator: string;
  /** Pods of others are not looked at. */
  readonly namespace: string;
}

/** Judges a period from two logs alone: the API server's of what was deleted, and the gateway's of who was where. */
export async function checkDrains(period: CheckedPeriod): Promise<DrainFigures> {
  const requests: AuditedRequest[] = [];
  let operatorCalls = 0;
  for await (const request of readAuditLog(period.auditLog)) {
    if (request.utcMs < period.fromMs || request.utcMs > period.toMs) continue;
    if (request.user === period.operator && request.verb !== "watch") operatorCalls++;
    if (request.resource === "pods" && request.namespace === period.namespace) requests.push(request);
  }
  return { ...judge(requests, await readSessionLog(period.sessionLog), period.operator), operatorCalls };
}

export function judge(
  requests: readonly AuditedRequest[],
  log: readonly SessionRecord[],
  operator: string,
): Omit<DrainFigures, "operatorCalls"> {
  const deletions = deletionsOf(requests);
  const bindings = bindingsByReplica(bindingsOf(log));
  const named = namedMs(requests, operator);
  const drains = deletions.flatMap((deletion) => {
    const namedAtMs = named.get(deletion.pod);
    return namedAtMs !== undefined && sessionsAt(bindings, deletion.pod, namedAtMs).size > 0 ? [deletion.utcMs - namedAtMs] : [];
  });
  const isGone = (replica: string, utcMs: number) => deletions.some((deletion) => deletion.utcMs <= utcMs && isOf(deletion.pod, replica));
  const losses = log.flatMap((record) => (record.type === "lost" ? [record] : []));
  const lost = losses.filter(({ replica, utcMs }) => isGone(replica, utcMs)).length;
  const count = (type: SessionRecord["type"]) => log.filter((record) => record.type === type).length;
  return {
    deletions: deletions.length,
    byUser: countBy(deletions.map(({ user }) => user)),
    evictionsRefused: requests.filter(({ subresource, code }) => subresource === "eviction" && code === 429).length,
    cutBindings: deletions
      .flatMap(({ pod, utcMs }) => boundAt(bindings, pod, utcMs).map((one) => ({ ...one, deletedMs: utcMs })))
      .slice(0, 20),
    cut: deletions.reduce((sum, { pod, utcMs }) => sum + sessionsAt(bindings, pod, utcMs).size, 0),
    lost,
    missedLeases: losses.length - lost,
    opened: count("opened"),
    refused: countBy(log.flatMap((record) => (record.type === "refused" ? [record.reason] : []))),
    moved: count("moved"),
    servedWhenNamed: drains.length,
    drainMs: drains,
  };
}

export const countBy = (keys: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...Map.groupBy(keys, (key) => key)].map(([key, ones]) => [key, ones.length]));

/**
 * A pod may be asked to go more than once, at last by its kubelet; the first that succeeded took it away. One that the server could not
 * answer in time (5xx) may have succeeded, so it counts where the pod went.
 */
function deletionsOf(requests: readonly AuditedRequest[]): readonly Deletion[] {
  const first = new Map<string, Deletion>();
  const gone = new Set<string>();
  for (const { verb, subresource, code, name: pod, user, utcMs } of requests) {
    const way =
      verb === "delete" && subresource === "" ? "delete" : verb === "create" && subresource === "eviction" ? "eviction" : undefined;
    if (way === undefined || (code >= 300 && code < 500)) continue;
    if (code < 300) gone.add(pod);
    const before = first.get(pod);
    if (!before || utcMs < before.utcMs) first.set(pod, { pod, user, way, utcMs });
  }
  return [...first.values()].filter(({ pod }) => gone.has(pod));
}

/** The operator writes to a pod of its own only to name it a victim. */
function namedMs(requests: readonly AuditedRequest[], operator: string): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { verb, subresource, code, name, user, utcMs } of requests)
    if (user === operator && verb === "patch" && subresource === "" && code < 300 && !first.has(name)) first.set(name, utcMs);
  return first;
}

type ByReplica = ReadonlyMap<string, readonly Binding[]>;

function bindingsByReplica(bindings: readonly Binding[]): ByReplica {
  return Map.groupBy(bindings, ({ replica }) => replica);
}

const stages = ["asr", "llm", "tts", "face", "compositor"] as const;

/** A replica has the name of its pod, in a pack with its stage behind it. */
const replicasOf = (pod: string) => [pod, ...stages.map((stage) => `${pod}-${stage}`)];
const isOf = (pod: string, replica: string) => replica.startsWith(pod) && replicasOf(pod).includes(replica);

function boundAt(bindings: ByReplica, pod: string, utcMs: number): readonly Binding[] {
  const there = replicasOf(pod).flatMap((replica) => bindings.get(replica) ?? []);
  return there.filter(({ fromMs, toMs }) => fromMs <= utcMs && utcMs < toMs);
}

const sessionsAt = (bindings: ByReplica, pod: string, utcMs: number): ReadonlySet<string> =>
  new Set(boundAt(bindings, pod, utcMs).map(({ session }) => session));
