import { type Avatar, fieldManager, kinds, type Model, type Pipeline } from "@troupe/kinds";
import {
  applyOwnStatus,
  type Controller,
  type Informer,
  type KubeApi,
  keyOf,
  objectKey,
  type Ref,
  refOf,
  type WorkQueue,
} from "../kube/index.ts";
import type { ModelCatalogue } from "../model/index.ts";
import type { AvatarCatalogue } from "./avatar-catalogue.ts";
import { avatarStatus, type Voice } from "./avatar-status.ts";

export interface AvatarDeps {
  readonly api: Pick<KubeApi, "applyStatus">;
  /** Indexed by "pipeline" ({@link pipelineKeyOf}). */
  readonly avatars: Informer<Avatar>;
  readonly pipelines: Informer<Pipeline>;
  readonly models: Informer<Model>;
  readonly assets: AvatarCatalogue;
  readonly catalogue: ModelCatalogue;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

const pipelineRefOf = ({ metadata, spec }: Avatar): Ref => ({
  name: spec.pipelineRef.name,
  ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
});
/** The pipeline that an avatar names, as `namespace/name`. */
export const pipelineKeyOf = (avatar: Avatar): readonly string[] => [keyOf(pipelineRefOf(avatar))];

/** Owns Accepted of each Avatar. */
export function createAvatarController(deps: AvatarDeps): Controller {
  const { api, avatars, pipelines, assets, utcNowMs } = deps;
  const manager = fieldManager("avatar");
  return {
    name: "avatar",
    concurrency: 4,
    async reconcile(key, signal) {
      const seen = avatars.get(refOf(key));
      if (!seen) return undefined;
      const installed = await assets.has(seen.spec.bundle);
      const pipeline = pipelines.get(pipelineRefOf(seen));
      const voices = pipeline && (await voicesOf(deps, pipeline));
      // What was looked up is of this generation; a later one comes with its own event.
      const status = avatarStatus({ avatar: seen, installed, pipeline, voices }, utcNowMs());
      await applyOwnStatus(api, kinds.avatars, seen, status, { fieldManager: manager, signal });
      return undefined;
    },
  };
}

/** All voices of the pipeline's synthesisers; undefined where one has no list. */
async function voicesOf({ models, catalogue }: AvatarDeps, { spec }: Pipeline): Promise<readonly Voice[] | undefined> {
  const stage = spec.stages.find((one) => one.stage === "tts");
  if (!stage || stage.models.length === 0) return undefined;
  const voices: Voice[] = [];
  for (const { model } of stage.models) {
    const id = models.get({ name: model })?.spec.manifest.id;
    const entry = id === undefined ? undefined : await catalogue.lookUp(id);
    if (!entry?.manifest.voices) return undefined;
    voices.push(...entry.manifest.voices);
  }
  return voices;
}

/** @returns what ends it */
export function triggerAvatars({ avatars, pipelines }: Pick<AvatarDeps, "avatars" | "pipelines">, queue: WorkQueue): () => void {
  const ends = [
    avatars.on(({ object }) => queue.add(objectKey(object))),
    // The status of a pipeline moves when its models come and go, and with them the voices.
    pipelines.on(({ object }) => {
      for (const avatar of avatars.byIndex("pipeline", objectKey(object))) queue.add(objectKey(avatar));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
