import { fieldManager, kinds, type Model } from "@troupe/kinds";
import { applyOwnStatus, type Controller, type Informer, type KubeApi, objectKey, refOf, type WorkQueue } from "../kube/index.ts";
import type { ModelCatalogue } from "./catalogue.ts";
import { modelStatus } from "./model-status.ts";

export interface ModelDeps {
  readonly api: Pick<KubeApi, "applyStatus">;
  readonly models: Informer<Model>;
  readonly catalogue: ModelCatalogue;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

/** Owns Verified and Profiled of each Model. */
export function createModelController({ api, models, catalogue, utcNowMs }: ModelDeps): Controller {
  const manager = fieldManager("model");
  return {
    name: "model",
    async reconcile(key, signal) {
      const name = models.get(refOf(key))?.spec.manifest.id;
      const entry = name === undefined ? undefined : await catalogue.lookUp(name);
      // Looked up again: the files took their time.
      const model = models.get(refOf(key));
      if (!model) return undefined;
      await applyOwnStatus(api, kinds.models, model, modelStatus({ model, entry }, utcNowMs()), { fieldManager: manager, signal });
      return undefined;
    },
  };
}

/** @returns what ends it */
export const triggerModels = ({ models }: Pick<ModelDeps, "models">, queue: WorkQueue): (() => void) =>
  models.on(({ object }) => queue.add(objectKey(object)));
