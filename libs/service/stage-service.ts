import { writeFileSync } from "node:fs";
import { connectNats } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { createRpcServer } from "@troupe/rpc";
import { createGrants } from "@troupe/session";
import { addStageService, createStageMetrics, type Logger, type ReferenceWork, type Stage, serveStage, stageServices } from "@troupe/stage";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { defaultReplica, type PlatformConfig } from "./config.ts";
import { createLogger, logThrown } from "./logger.ts";
import { startMetricsServer } from "./metrics-server.ts";
import { replicaCapacity } from "./replica-capacity.ts";
import { onShutdown } from "./shutdown.ts";
import { startTracing } from "./tracing.ts";

/** A stage with its backend loaded. */
export interface StageService extends AsyncDisposable {
  readonly stage: Stage;
  readonly models: readonly string[];
  /** BCP-47; empty: any. */
  readonly languages: readonly string[];
  /** What a busy session asks of it, to measure how many it serves; resolves with undefined where these models have none. */
  readonly reference?: () => Promise<ReferenceWork | undefined>;
}

export interface ServiceDeps {
  readonly logger: Logger;
  readonly metrics: Registry;
}

export type StageServiceFactory<Config> = (config: Config, deps: ServiceDeps) => Promise<StageService>;

/** A stage as a process: gRPC with health and reflection, the bus, metrics, traces, drain on SIGTERM. Never returns before it serves. */
export async function runStageService<Config extends PlatformConfig>(
  name: Stage["name"],
  config: Config,
  factory: StageServiceFactory<Config>,
): Promise<void> {
  const logger = createLogger(name, config.logLevel);
  try {
    await start(name, config, factory, logger);
  } catch (thrown) {
    logThrown(logger, thrown, `${name} did not start`);
    process.exit(1);
  }
}

async function start<Config extends PlatformConfig>(
  name: Stage["name"],
  config: Config,
  factory: StageServiceFactory<Config>,
  logger: Logger,
): Promise<void> {
  const tracing = startTracing(name, config.otlpUrl);
  const registry = new Registry();
  const metrics = createStageMetrics(registry);
  const metricsServer = await startMetricsServer(registry, config.host, config.metricsPort);
  const replica = config.replica ?? defaultReplica(name);
  const nats = { servers: config.natsUrl };
  const [bus, controlBus] = await Promise.all([
    connectNats({ ...nats, name: `${replica} media` }),
    connectNats({ ...nats, name: `${replica} control` }),
  ]);
  const grants = createGrants(new TextEncoder().encode(config.grantKey));
  let loaded: StageService | undefined;
  const stage: Stage = {
    name,
    open(session) {
      if (!loaded) throw new ServiceError("NOT_READY", `${name} is loading its model`, { retryAfterMs: 1000 });
      return loaded.stage.open(session);
    },
  };
  const deps = { stage, grants, clock: systemClock, logger, metrics };

  const server = createRpcServer({ onDefect: (error, method) => logThrown(logger, error, `${method} failed`) });
  addStageService(server, deps);
  const port = await server.listen(config.host, config.grpcPort);
  // The port is open while the model loads, so that health says NOT_SERVING instead of nothing.
  const service = await factory(config, { logger, metrics: registry });
  // Direct callers are told NOT_READY as long as it is measured: they would be in the way of what they wait for.
  const capacity = await replicaCapacity(config, service, { bus: controlBus, logger });
  loaded = service;
  server.setServing(stageServices[name], true);
  const { site, maxSessions, pool, acceleratorClass } = config;
  const { models, languages } = service;
  const address = `${config.advertiseHost || config.host}:${port}`;
  const onDraining = () => server.setServing(stageServices[name], false);
  const served = serveStage(
    { ...deps, bus, controlBus, onDraining },
    { site, replica, models, languages, maxSessions, address, pool, acceleratorClass, ...(capacity === undefined ? {} : { capacity }) },
  );
  if (config.portFile) writeFileSync(config.portFile, JSON.stringify({ pid: process.pid, grpc: port, metrics: metricsServer.port }));
  logger.info({ replica, grpc: port, metrics: metricsServer.port, models: service.models, capacity }, `${name} serves`);

  const stop = async (signal: string) => {
    logger.info({ signal, sessions: served.sessions }, `${name} drains`);
    const graceMs = config.drainSeconds * 1000;
    await Promise.all([served.drain(graceMs), server.drain(graceMs)]);
    await served[Symbol.asyncDispose]();
    await Promise.all([bus.drain(), controlBus.drain()]);
    await service[Symbol.asyncDispose]();
    await metricsServer[Symbol.asyncDispose]();
    await tracing[Symbol.asyncDispose]();
  };
  onShutdown(stop, (thrown) => logThrown(logger, thrown, `${name} did not stop in order`));
}
