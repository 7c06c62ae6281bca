import { asrConfig, createAsrService } from "@troupe/asr";
import { createMemoryBroker } from "@troupe/bus";
import { compositorConfig, createCompositorService } from "@troupe/compositor";
import { createFaceService, faceConfig } from "@troupe/face";
import {
  converse,
  createGateway,
  createGatewayMetrics,
  type Gateway,
  type GatewayMetrics,
  gatewayConfig,
  gatewayOptionsOf,
  type LiveServer,
  startLive,
} from "@troupe/gateway";
import { createLlmService, llmConfig } from "@troupe/llm";
import { createModelStore } from "@troupe/model-store";
import { readConfig, type StageService, startTracing } from "@troupe/service";
import { createGrants } from "@troupe/session";
import { createStageMetrics, type Logger, type StageName, serveStage, stageNames } from "@troupe/stage";
import { systemClock } from "@troupe/timeline";
import { createTtsService, ttsConfig } from "@troupe/tts";
import { createVad } from "@troupe/vad";
import { Registry } from "prom-client";
import type { Converse } from "./ask/ask.ts";

export interface Embedded extends AsyncDisposable {
  readonly gateway: Gateway;
  /** One more, over the same stages, as a roll has it for a while. @param name unique */
  addGateway(name: string): Gateway;
  readonly metrics: GatewayMetrics;
  readonly registry: Registry;
  /** Holds a conversation, without a network. */
  readonly converse: Converse;
  /** Starts the HTTP server: page, Realtime, WebRTC, session API. Ends with the platform. */
  serveLive(): Promise<LiveServer>;
}

export interface EmbeddedOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Backends by stage; others their defaults. */
  readonly backends?: Readonly<Partial<Record<StageName, string>>>;
  readonly onLoaded?: (part: StageName | "vad", ms: number) => void;
}

/** Every service in one process, over the bus in memory: for a newcomer, a test, a small edge box. The same code as the separate services. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { logger, onLoaded } = options;
  const env = { TROUPE_GRANT_KEY: crypto.randomUUID(), TROUPE_MAX_SESSIONS: "64", ...options.env };
  const config = readConfig(gatewayConfig, env);
  const tracing = startTracing("embedded", config.otlpUrl);
  const registry = new Registry();
  const stack = new AsyncDisposableStack();
  try {
    const bus = createMemoryBroker().connect();
    const grants = createGrants(new TextEncoder().encode(config.grantKey));
    const stageMetrics = createStageMetrics(registry);
    const timed = async <T>(part: StageName | "vad", load: () => Promise<T>) => {
      const startMs = performance.now();
      const result = await load();
      onLoaded?.(part, performance.now() - startMs);
      return result;
    };
    const deps = { logger, metrics: registry };
    const withBackend = (stage: StageName) => ({
      ...env,
      ...(options.backends?.[stage] === undefined ? {} : { [`TROUPE_${stage.toUpperCase()}_BACKEND`]: options.backends[stage] }),
    });
    const load: Record<StageName, () => Promise<StageService>> = {
      asr: () => createAsrService(readConfig(asrConfig, withBackend("asr")), deps),
      llm: () => createLlmService(readConfig(llmConfig, withBackend("llm")), deps),
      tts: () => createTtsService(readConfig(ttsConfig, withBackend("tts")), deps),
      face: () => createFaceService(readConfig(faceConfig, withBackend("face")), deps),
      compositor: () => createCompositorService(readConfig(compositorConfig, withBackend("compositor")), deps),
    };
    const store = createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir });
    const loadingVad = timed("vad", async () => stack.use(await createVad({ model: await store.resolve("silero-vad") })));
    const loading = stageNames.map((stage) => timed(stage, async () => stack.use(await load[stage]())));
    // All have loaded or failed before anything is taken down again: a worker that came later would keep the process alive.
    await Promise.allSettled([loadingVad, ...loading]);
    const [vad, loaded] = await Promise.all([loadingVad, Promise.all(loading)]);
    for (const service of loaded) {
      const { stage, models, languages } = service;
      const shared = { bus, controlBus: bus, stage, grants, clock: systemClock, logger, metrics: stageMetrics };
      stack.use(
        serveStage(shared, {
          site: config.site,
          replica: `${stage.name}-embedded`,
          models,
          languages,
          maxSessions: config.maxSessions,
          address: "",
        }),
      );
    }
    const metrics = createGatewayMetrics(registry);
    const addGateway = (name: string) => {
      const gatewayDeps = { bus, controlBus: bus, grants, clock: systemClock, logger, metrics, vad, utcNowMs: Date.now };
      return stack.use(createGateway(gatewayDeps, gatewayOptionsOf(config, name)));
    };
    const gateway = addGateway("embedded");
    return {
      gateway,
      addGateway,
      metrics,
      registry,
      serveLive: async () => stack.use(await startLive({ gateway, clock: systemClock, logger, metrics, utcNowMs: Date.now }, config)),
      converse: (requests, signal) => converse(gateway, metrics, requests, { signal }),
      async [Symbol.asyncDispose]() {
        await stack.disposeAsync();
        await bus.drain();
        await tracing[Symbol.asyncDispose]();
      },
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}
