import { createCanvas } from "@napi-rs/canvas";
import { createModelStore } from "@troupe/model-store";
import { platformConfig, type StageServiceFactory } from "@troupe/service";
import { Histogram } from "prom-client";
import { z } from "zod";
import { registerWideFont } from "./caption-fonts.ts";
import { createNodeSurface } from "./node-canvas.ts";
import type { MakeCanvas } from "./renderers/layer-cache.ts";
import { loadAvatar } from "./renderers/load-avatar.ts";
import type { Renderer } from "./renderers/renderer.ts";
import { createVectorRenderer } from "./renderers/vector-renderer.ts";
import { compositorStage } from "./stage.ts";

export const compositorConfig = platformConfig.extend({
  avatarDir: z.string().default("models/avatars").describe("folder of the avatars"),
  modelDir: z.string().default("models").describe("folder of the manifests"),
  captionFont: z.string().default("default-caption-font-zh").describe("font of characters that the built-in one lacks; empty: none"),
  label: z.string().min(1).max(64).default("AI-generated").describe("text of the visible label"),
});
export type CompositorConfig = z.infer<typeof compositorConfig>;

export const createCompositorService: StageServiceFactory<CompositorConfig> = async (config, { logger, metrics }) => {
  const models = createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir });
  await registerWideFont(models, config.captionFont, logger);
  const frameSeconds = new Histogram({
    name: "troupe_compositor_frame_seconds",
    help: "Time to draw, label and hand over one frame.",
    buckets: [0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.04, 0.08],
    registers: [metrics],
  });
  const makeCanvas = createCanvas as unknown as MakeCanvas;
  // Renderers hold no session's state, so sessions of the same avatar and size share one.
  const renderers = new Map<string, Promise<Renderer>>();
  const loadRenderer = (avatar: string, scale: number) => {
    const key = `${avatar}@${scale}`;
    const known = renderers.get(key);
    if (known) return known;
    const loading = loadAvatar(config.avatarDir, avatar).then((asset) => createVectorRenderer(asset, { createCanvas: makeCanvas, scale }));
    renderers.set(key, loading);
    loading.catch(() => renderers.delete(key));
    return loading;
  };
  const stage = compositorStage({
    loadRenderer,
    createSurface: createNodeSurface,
    label: config.label,
    onTick: (ms) => frameSeconds.observe(ms / 1000),
  });
  return { stage, models: ["vector"], languages: [], [Symbol.asyncDispose]: async () => undefined };
};
