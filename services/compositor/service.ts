import { createCanvas } from "@napi-rs/canvas";
import { createVectorRenderer, defaultLabel, type MakeCanvas, type Renderer } from "@troupe/avatar";
import { createModelStore } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import { Registry } from "prom-client";
import { z } from "zod";
import { registerWideFont } from "./canvas/caption-fonts.ts";
import { loadAvatar } from "./canvas/load-avatar.ts";
import { createNodeSurface } from "./canvas/node-canvas.ts";
import { createCompositorMetrics } from "./metrics.ts";
import { compositorReference } from "./reference.ts";
import { type CompositorDeps, compositorStage } from "./stage.ts";

export const compositorConfig = platformConfig.extend({
  avatarDir: z.string().default("models/avatars").describe("folder of the avatars"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  captionFont: z.string().default("default-caption-font-zh").describe("font of characters that the built-in one lacks; empty: none"),
  label: z.string().min(1).max(64).default(defaultLabel).describe("text of the visible label"),
});
export type CompositorConfig = z.infer<typeof compositorConfig>;

/** Kept for sessions to come, each with its layers as pictures; a session that runs keeps its own. */
const maxRenderers = 8;

export const createCompositorService: StageServiceFactory<CompositorConfig> = async (config, { logger, metrics }) => {
  const models = createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir });
  await registerWideFont(models, config.captionFont, logger);
  const makeCanvas = createCanvas as unknown as MakeCanvas;
  // Renderers hold no session's state, so sessions of the same avatar and size share one.
  const renderers = new Map<string, Promise<Renderer>>();
  const loadRenderer = (avatar: string, scale: number) => {
    const key = `${avatar}@${scale}`;
    const known = renderers.get(key);
    if (known) return known;
    const loading = loadAvatar(config.avatarDir, avatar).then((asset) => createVectorRenderer(asset, { createCanvas: makeCanvas, scale }));
    renderers.set(key, loading);
    const [oldest] = renderers.keys();
    if (renderers.size > maxRenderers && oldest !== undefined) renderers.delete(oldest);
    loading.catch(() => renderers.delete(key));
    return loading;
  };
  const deps: Omit<CompositorDeps, "metrics"> = { loadRenderer, createSurface: createNodeSurface, label: config.label };
  return {
    stage: compositorStage({ ...deps, metrics: createCompositorMetrics(metrics) }),
    models: ["vector"],
    languages: [],
    reference: () => {
      // Overload that is provoked to find the capacity is none of the service's.
      const stage = compositorStage({ ...deps, metrics: createCompositorMetrics(new Registry()) });
      return compositorReference(stage, config.avatarDir);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
};
