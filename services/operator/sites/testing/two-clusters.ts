import { type Bus, connectNats } from "@troupe/bus";
import type { StageDemand } from "@troupe/contracts";
import { kinds } from "@troupe/kinds";
import { type NatsServer, startNatsServer } from "@troupe/testkit";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import {
  builtInKinds,
  createInformer,
  createKubeApi,
  createOperatorMetrics,
  createQueue,
  type KubeApi,
  runController,
} from "../../kube/index.ts";
import { installKinds, quiet as logger, startTestCluster, type TestCluster } from "../../kube/testing/cluster.ts";
import { startTcpProxy, type TcpProxy } from "../../kube/testing/tcp-proxy.ts";
import { createSiteController, triggerSites } from "../../site/index.ts";
import { type SiteLoop, type SiteRolesOptions, startSiteRoles } from "../index.ts";
import { createFastClock } from "./fast-clock.ts";

export const namespace = "troupe-system";
/** Half a minute of silence is three seconds. */
const { clock, utcNowMs } = createFastClock(10);

export interface Cluster extends AsyncDisposable {
  readonly plane: TestCluster;
  readonly api: KubeApi;
}

async function startCluster(): Promise<Cluster> {
  const plane = await startTestCluster();
  await installKinds(plane);
  const api = await createKubeApi({ kubeconfig: plane.kubeconfig });
  await api.create(builtInKinds.namespaces, { metadata: { name: namespace } }, "test");
  return {
    plane,
    api,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await plane.close();
    },
  };
}

/** Two clusters, each with its own API server and NATS; the site's NATS joins the hub's as a leaf node, over a network that can fail. */
export interface TwoClusters extends AsyncDisposable {
  readonly hub: Cluster;
  readonly site: Cluster;
  readonly hubNats: NatsServer;
  readonly siteNats: NatsServer;
  readonly link: TcpProxy;
}

export async function startTwoClusters(): Promise<TwoClusters> {
  const stack = new AsyncDisposableStack();
  const [hub, site] = await Promise.all([startCluster(), startCluster()]);
  stack.use(hub);
  stack.use(site);
  const hubNats = stack.use(await startNatsServer({ domain: "hub", acceptLeaves: true }));
  const link = stack.use(await startTcpProxy(hubNats.leafPort));
  const siteNats = stack.use(await startNatsServer({ domain: "edge", leafOf: `nats://127.0.0.1:${link.port}` }));
  return { hub, site, hubNats, siteNats, link, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function startInformers(api: KubeApi, stack: AsyncDisposableStack) {
  const deps = { api, clock: systemClock, logger };
  return {
    sites: stack.use(createInformer(deps, kinds.sites)),
    nodes: stack.use(createInformer(deps, builtInKinds.nodes)),
    classes: stack.use(createInformer(deps, kinds.acceleratorClasses)),
    pools: stack.use(createInformer(deps, kinds.stagePools, { namespace })),
    models: stack.use(createInformer(deps, kinds.models)),
    pipelines: stack.use(createInformer(deps, kinds.pipelines)),
    tenants: stack.use(createInformer(deps, kinds.tenants)),
  };
}

/** Runs the loops until the stack is disposed of. */
function runLoops(loops: readonly SiteLoop[], stack: AsyncDisposableStack): void {
  const metrics = createOperatorMetrics(new Registry());
  const stop = new AbortController();
  const running = loops.map(async ({ controller, trigger }) => {
    using queue = createQueue({ clock });
    const end = trigger(queue);
    await runController({ clock, logger, metrics }, controller, queue, stop.signal);
    end();
  });
  stack.defer(async () => {
    stop.abort();
    await Promise.all(running);
  });
}

async function connect(server: NatsServer, stack: AsyncDisposableStack): Promise<Bus> {
  const bus = await connectNats({ servers: server.url, name: "test" });
  stack.defer(() => bus.drain());
  return bus;
}

async function startOperator(
  at: Cluster,
  nats: NatsServer,
  demand: () => readonly StageDemand[],
  options: Pick<SiteRolesOptions, "role" | "site">,
) {
  const stack = new AsyncDisposableStack();
  const bus = await connect(nats, stack);
  const informers = startInformers(at.api, stack);
  await Promise.all(Object.values(informers).map((informer) => informer.synced));
  const settings = { namespace, hubDomain: "hub", defaultPipeline: "studio/standard", ...options };
  const fleets = { of: (site: string) => (site === options.site ? { connected: true, demand } : undefined) };
  const roles = stack.use(await startSiteRoles({ bus, informers, logger, utcNowMs, fleets }, settings));
  const deps = { ...informers, api: at.api, reports: roles.reports, utcNowMs };
  const status = {
    controller: createSiteController(deps),
    trigger: (queue: Parameters<SiteLoop["trigger"]>[0]) => triggerSites(deps, queue),
  };
  runLoops([...roles.loops(at.api), ...(options.role === "site" ? [] : [status])], stack);
  return stack;
}

/** The hub's loops as an operator runs them. Its own site is "main". */
export const startHub = ({ hub, hubNats }: TwoClusters, demand: () => readonly StageDemand[]): Promise<AsyncDisposable> =>
  startOperator(hub, hubNats, demand, { role: "hub", site: "main" });

/** The loops of the site "edge-1" as an operator runs them there. */
export const startSite = ({ site, siteNats }: TwoClusters, demand: () => readonly StageDemand[]): Promise<AsyncDisposable> =>
  startOperator(site, siteNats, demand, { role: "site", site: "edge-1" });
