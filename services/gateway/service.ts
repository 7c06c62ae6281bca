import { writeFileSync } from "node:fs";
import { defaultLabel } from "@troupe/avatar";
import { connectNats } from "@troupe/bus";
import { ConversationService } from "@troupe/contracts";
import { createModelStore } from "@troupe/model-store";
import { createRpcServer } from "@troupe/rpc";
import { createLogger, defaultReplica, logThrown, onShutdown, platformConfig, startMetricsServer, startTracing } from "@troupe/service";
import { createGrants } from "@troupe/session";
import { systemClock } from "@troupe/timeline";
import { createVad, defaultEndpointPolicy } from "@troupe/vad";
import { Registry } from "prom-client";
import { z } from "zod";
import { addConversationService } from "./converse.ts";
import { createGateway } from "./create-gateway.ts";
import type { GatewayOptions } from "./gateway.ts";
import { liveConfig } from "./http/live-config.ts";
import { startLive } from "./http/start-live.ts";
import { createGatewayMetrics } from "./metrics.ts";
import { defaultTurnPolicy } from "./turn-taking/index.ts";
import { webRtcConfig } from "./webrtc/webrtc-config.ts";

export const gatewayConfig = platformConfig.extend({
  ...liveConfig,
  ...webRtcConfig,
  modelDir: z.string().default("models").describe("folder of the manifests"),
  avatarDir: z.string().default("models/avatars").describe("folder of the avatars"),
  knowledgeDir: z.string().default("models/knowledge").describe("folder with one folder for each tenant: its speech.json"),
  defaultAvatar: z.string().default("mara").describe("avatar of sessions that name none"),
  replicaWaitMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(120_000)
    .default(5000)
    .describe("how long a new session waits for replicas that still start"),
  resumeWindowSeconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(3600)
    .default(30)
    .describe("how long a session waits for a client whose connection was lost"),
  label: z.string().min(1).max(64).default(defaultLabel).describe("text of the visible label"),
  idleSeconds: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(600)
    .describe("a session in which nothing is said for so long ends; 0: never"),
  maxSessionSeconds: z.coerce.number().int().min(0).max(604_800).default(0).describe("a session ends after so long; 0: never"),
  hangoverMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(3000)
    .default(defaultEndpointPolicy.hangoverMs)
    .describe("silence that ends an utterance"),
});
export type GatewayConfig = z.infer<typeof gatewayConfig>;

/** Before a session ends for its time, so much is left to say so. */
const noticeSeconds = 30;

/** @param gateway its name, unique in the site */
export function gatewayOptionsOf(config: GatewayConfig, gateway: string): GatewayOptions {
  const { site, maxSessions, avatarDir, knowledgeDir, defaultAvatar, replicaWaitMs, label } = config;
  return {
    site,
    gateway,
    maxSessions,
    avatarDir,
    knowledgeDir,
    defaultAvatar,
    replicaWaitMs,
    label,
    resumeWindowMs: config.resumeWindowSeconds * 1000,
    times: { idleSeconds: config.idleSeconds, maxSessionSeconds: config.maxSessionSeconds, noticeSeconds },
    turnPolicy: defaultTurnPolicy,
    endpointPolicy: { ...defaultEndpointPolicy, hangoverMs: config.hangoverMs },
  };
}

/** Callers that do not take the end of their session in that time are cut off. */
const lastWordsMs = 1000;

/** The gateway as a process. */
export async function runGateway(config: GatewayConfig): Promise<void> {
  const logger = createLogger("gateway", config.logLevel);
  try {
    const tracing = startTracing("gateway", config.otlpUrl);
    const registry = new Registry();
    const metrics = createGatewayMetrics(registry);
    const metricsServer = await startMetricsServer(registry, config.host, config.metricsPort);
    const store = createModelStore({ manifestDir: config.modelDir, cacheDir: config.cacheDir });
    const vad = await createVad({ model: await store.resolve("silero-vad") });
    const name = config.replica ?? defaultReplica("gateway");
    const [bus, controlBus] = await Promise.all(
      ["media", "control"].map((use) => connectNats({ servers: config.natsUrl, name: `${name} ${use}` })),
    );
    if (!bus || !controlBus) return;
    const grants = createGrants(new TextEncoder().encode(config.grantKey));
    const gatewayDeps = { bus, controlBus, grants, clock: systemClock, logger, metrics, vad, utcNowMs: Date.now };
    const gateway = createGateway(gatewayDeps, gatewayOptionsOf(config, name));
    const server = createRpcServer({ onDefect: (error, method) => logThrown(logger, error, `${method} failed`) });
    addConversationService(server, gateway, metrics);
    const port = await server.listen(config.host, config.grpcPort);
    server.setServing(ConversationService, true);
    const live = await startLive({ gateway, clock: systemClock, logger, metrics, utcNowMs: Date.now }, config);
    const ports = { grpc: port, metrics: metricsServer.port, http: live.port };
    if (config.portFile) writeFileSync(config.portFile, JSON.stringify({ pid: process.pid, ...ports }));
    logger.info(ports, "gateway serves");
    onShutdown(async () => {
      const graceMs = config.drainSeconds * 1000;
      // Calls end with their sessions; connections close after their sessions have said where they go.
      await Promise.all([gateway.drain(graceMs), server.drain(graceMs + lastWordsMs)]);
      await gateway[Symbol.asyncDispose]();
      await live.close();
      await Promise.all([bus.drain(), controlBus.drain()]);
      await vad[Symbol.asyncDispose]();
      await metricsServer[Symbol.asyncDispose]();
      await tracing[Symbol.asyncDispose]();
    });
  } catch (thrown) {
    logThrown(logger, thrown, "gateway did not start");
    process.exit(1);
  }
}
