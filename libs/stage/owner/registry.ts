import { fromBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject } from "@troupe/bus";
import { type Announcement, AnnouncementSchema, contractMinor } from "@troupe/contracts";
import type { Clock } from "@troupe/timeline";
import type { StageName } from "../edges.ts";

/** Of the replicas of a stage those that may serve, the best first. */
export type ChooseReplicas = (stage: StageName, replicas: readonly Announcement[]) => readonly Announcement[];

/** Replicas are taken for gone after this long without an announcement. */
const staleMs = 3500;

export interface Registry extends Disposable {
  /** Replicas that take sessions of the stage and speak our contracts, most headroom first. */
  candidates(stage: StageName, without?: ReadonlySet<string>): readonly Announcement[];
  all(): readonly Announcement[];
  /** One of them. */
  replica(id: string): Announcement | undefined;
  /** Resolves when every stage has a replica that takes sessions; false when they did not come in time. @param choose default: all */
  waitFor(stages: readonly StageName[], timeoutMs: number, choose?: ChooseReplicas): Promise<boolean>;
}

/** Undefined for bytes that are none: a stranger must not stop us from listening to the others. */
function readAnnouncement(data: Uint8Array): Announcement | undefined {
  try {
    return fromBinary(AnnouncementSchema, data);
  } catch {
    return undefined;
  }
}

/**
 * Listens to the announcements of a site.
 * @param onHeard called with each announcement, and what the replica had announced before
 */
export function createRegistry(
  bus: Bus,
  site: string,
  clock: Clock,
  onHeard?: (announcement: Announcement, before: Announcement | undefined) => void,
): Registry {
  const replicas = new Map<string, { announcement: Announcement; seenMs: number }>();
  const waiting = new Set<() => void>();
  const subscription = bus.subscribe(infrastructureSubject(site, "announce", "*", "replica"), { limit: 4096, overflow: "drop-oldest" });
  void (async () => {
    for await (const message of subscription) {
      const announcement = readAnnouncement(message.data);
      if (!announcement) continue;
      const before = replicas.get(announcement.replica)?.announcement;
      replicas.set(announcement.replica, { announcement, seenMs: clock.nowMs() });
      onHeard?.(announcement, before);
      for (const check of waiting) check();
    }
  })();

  function all(): Announcement[] {
    const oldestMs = clock.nowMs() - staleMs;
    for (const [id, replica] of replicas) if (replica.seenMs < oldestMs) replicas.delete(id);
    return [...replicas.values()].map((replica) => replica.announcement);
  }

  function candidates(stage: StageName, without?: ReadonlySet<string>): Announcement[] {
    return all()
      .filter(
        (replica) =>
          replica.stage === stage &&
          replica.admitting &&
          !without?.has(replica.replica) &&
          Math.abs(replica.contractMinor - contractMinor) <= 1,
      )
      .sort((a, b) => b.headroom - a.headroom);
  }

  return {
    candidates,
    all,
    replica(id) {
      const known = replicas.get(id);
      return known && known.seenMs >= clock.nowMs() - staleMs ? known.announcement : undefined;
    },
    async waitFor(stages, timeoutMs, choose = (_, replicas) => replicas) {
      const complete = () => stages.every((stage) => choose(stage, candidates(stage)).length > 0);
      if (complete()) return true;
      const done = Promise.withResolvers<boolean>();
      const check = () => complete() && done.resolve(true);
      const cancel = clock.setTimer(timeoutMs, () => done.resolve(false));
      waiting.add(check);
      try {
        return await done.promise;
      } finally {
        waiting.delete(check);
        cancel();
      }
    },
    [Symbol.dispose]: () => subscription.close(),
  };
}
