import { writeFileSync } from "node:fs";
import { connectNats } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { createLogger, defaultReplica, logThrown, onShutdown, startMetricsServer, startTracing } from "@troupe/service";
import { createGrants } from "@troupe/session";
import type { Logger } from "@troupe/stage";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { createAvatarCatalogue } from "./avatar/index.ts";
import type { OperatorConfig } from "./config.ts";
import { loopsOf, runLoops } from "./controllers.ts";
import { addTenantMetrics } from "./fleet/index.ts";
import { startHealthServer } from "./health-server.ts";
import { startInformers } from "./informers.ts";
import { createKubeApi, createOperatorMetrics, type ElectionOptions, runElection } from "./kube/index.ts";
import { createModelCatalogue, followKeptProfiles } from "./model/index.ts";
import { readPoolTemplates } from "./planner/index.ts";
import { createLocalFleets, startSiteRoles } from "./sites/index.ts";

/** The holder stops after two thirds of the time after which another may begin. */
const renewDeadlineShare = 2 / 3;
const retryShare = 2 / 15;

/** The operator as a process. Several may run: the lease decides which one works, the others follow and wait. */
export async function runOperator(config: OperatorConfig): Promise<void> {
  const logger = createLogger("operator", config.logLevel);
  try {
    await start(config, logger);
  } catch (thrown) {
    logThrown(logger, thrown, "operator did not start");
    process.exit(1);
  }
}

async function start(config: OperatorConfig, logger: Logger): Promise<void> {
  const clock = systemClock;
  const tracing = startTracing("operator", config.otlpUrl);
  const registry = new Registry();
  const metrics = createOperatorMetrics(registry);
  const metricsServer = await startMetricsServer(registry, config.host, config.metricsPort);
  const identity = config.replica ?? defaultReplica("operator");
  const api = await createKubeApi(config.kubeconfig === "" ? {} : { kubeconfig: config.kubeconfig });
  const bus = await connectNats({ servers: config.natsUrl, name: identity });
  const informers = startInformers({ api, clock, logger, metrics }, config.namespace);
  const grants = createGrants(new TextEncoder().encode(config.grantKey));
  const fleets = createLocalFleets({ bus, clock, grants, sites: informers.sites }, config.site);
  const defaultPipeline = `${config.namespace}/default`;
  addTenantMetrics(registry, { fleets, tenants: informers.tenants, defaultPipeline });
  const health = await startHealthServer(config.host, config.healthPort, informers.waiting);
  const roles = await startSiteRoles({ bus, fleets, logger, utcNowMs: Date.now, informers }, { ...config, defaultPipeline });
  const kept = await followKeptProfiles({ bus, logger });
  const shared = { bus, clock, logger, metrics, informers, fleets, kept, utcNowMs: Date.now, siteReports: roles.reports };
  const operations = { ...shared, ...(await settingsOf(config)) };
  const stop = new AbortController();
  const election = runElection(
    { api, clock, utcNowMs: Date.now, logger, metrics },
    electionOf(config, identity),
    ({ api: fenced, signal }) => runLoops(operations, [...loopsOf(operations, fenced), ...roles.loops(fenced)], signal),
    stop.signal,
  );
  const ports = { metrics: metricsServer.port, health: health.port };
  if (config.portFile) writeFileSync(config.portFile, JSON.stringify({ pid: process.pid, ...ports }));
  logger.info({ ...ports, identity, role: config.role, namespace: config.namespace }, "operator runs");
  onShutdown(
    async () => {
      stop.abort(new ServiceError("CANCELLED", "the operator ends"));
      await election;
      fleets[Symbol.dispose]();
      await informers[Symbol.asyncDispose]();
      roles[Symbol.dispose]();
      kept[Symbol.dispose]();
      await bus.drain();
      await Promise.all([health, metricsServer, tracing, api].map((one) => one[Symbol.asyncDispose]()));
    },
    (thrown) => logThrown(logger, thrown, "operator did not stop in order"),
  );
}

async function settingsOf({ namespace, site, role, poolTemplates, modelDir, avatarDir, drainTaints }: OperatorConfig) {
  return {
    models: createModelCatalogue(modelDir),
    avatars: createAvatarCatalogue(avatarDir),
    planning: { namespace, site, role, templates: await readPoolTemplates(poolTemplates) },
    drainTaints: drainTaints
      .split(",")
      .map((taint) => taint.trim())
      .filter(Boolean),
  };
}

function electionOf({ lease, namespace, leaseSeconds }: OperatorConfig, identity: string): ElectionOptions {
  const durationMs = leaseSeconds * 1000;
  return { lease, namespace, identity, durationMs, renewDeadlineMs: durationMs * renewDeadlineShare, retryMs: durationMs * retryShare };
}
