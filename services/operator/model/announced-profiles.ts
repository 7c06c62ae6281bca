import { isDeepStrictEqual } from "node:util";
import type { Announcement } from "@troupe/contracts";
import type { Model, ModelProfile, StagePool } from "@troupe/kinds";
import { shareKind } from "../inventory/index.ts";
import type { Pod } from "../kube/index.ts";
import { shareOf } from "../planner/domain-share.ts";
import { replicaOf } from "../stage-pool/replica-name.ts";
import type { KeptProfile } from "./kept-profiles.ts";

/** Where replicas of models are, and what they say. */
export interface ReplicaView {
  /** Those whose members load the model. */
  readonly pools: readonly StagePool[];
  readonly podsOf: (pool: StagePool) => readonly Pod[];
  readonly announcement: (site: string, replica: string) => Announcement | undefined;
  readonly kept: readonly KeptProfile[];
}

/** RFC 3339 in seconds, as the API server writes times. */
const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/**
 * What the replicas that load a model say that they measured: sessions as announced, on the class of their pool, by the image of their
 * pod. Replicas on a share of another kind than the model needs there say nothing of it.
 */
export function announcedProfiles(model: Model, view: ReplicaView): readonly ModelProfile[] {
  return view.pools.flatMap((pool) => {
    const { acceleratorClass, share, members } = pool.spec;
    const need = model.spec.needs.find((one) => one.acceleratorClass === acceleratorClass);
    if (!need || shareKind(shareOf(need.share)) !== shareKind(shareOf(share))) return [];
    const stages = members.filter(({ models }) => models.includes(model.metadata.name)).map(({ stage }) => stage);
    return view.podsOf(pool).flatMap((pod) => stages.flatMap((stage) => profileOf(pod, stage, pool, view) ?? []));
  });
}

function profileOf(pod: Pod, stage: string, { spec }: StagePool, view: ReplicaView): ModelProfile | undefined {
  const said = view.announcement(spec.site, replicaOf(pod.metadata.name, stage, spec.members.length));
  // Of a pack in one process, the container has the names of all its stages.
  const container = pod.spec?.containers.find(({ name }) => name.split("-").includes(stage));
  const image = container?.image;
  if (!said || said.capacity < 1 || !container || !image) return undefined;
  const { acceleratorClass } = spec;
  const kept = newest(
    view.kept.filter(
      (one) =>
        one.stage === stage &&
        one.acceleratorClass === acceleratorClass &&
        one.image === image &&
        one.sessions >= said.capacity &&
        isDeepStrictEqual(one.models, said.models),
    ),
  );
  const profile = { acceleratorClass, image, sessions: said.capacity };
  if (!kept) return { ...profile, measuredTime: timeOf(startedMs(pod, container.name)) };
  const p95EarlyMilliseconds = Math.max(0, Math.round(-kept.p95LateMs));
  return { ...profile, p95EarlyMilliseconds, measuredTime: timeOf(Date.parse(kept.measuredTime)) };
}

const newest = (profiles: readonly KeptProfile[]): KeptProfile | undefined =>
  profiles.toSorted((a, b) => Date.parse(b.measuredTime) - Date.parse(a.measuredTime))[0];

/** A replica measures before it announces itself. */
function startedMs({ metadata, status }: Pod, container: string): number {
  const running = status?.containerStatuses?.find(({ name }) => name === container)?.state?.running;
  return Date.parse(running?.startedAt ?? metadata.creationTimestamp ?? "") || 0;
}
