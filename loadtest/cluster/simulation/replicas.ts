import { connectNats } from "@troupe/bus";
import { labels } from "@troupe/kinds";
import { builtInKinds, createInformer, createKubeApi, type Informer, type Pod, simulateReplicas } from "@troupe/operator/testing";
import { createLogger } from "@troupe/service";
import { createGrants } from "@troupe/session";
import { systemClock } from "@troupe/timeline";
import { readArgument, replicasConfig } from "./config.ts";
import { tellStatus } from "./status.ts";

/** The processes of pods on simulated nodes: the real stage runtime, in one process, over one connection to NATS. */
const { kubeconfig, natsUrl, site, grantKey, maxSessions, nodes } = readArgument(replicasConfig);
const clock = systemClock;
const logger = createLogger("replicas", "warn");
const api = await createKubeApi({ kubeconfig });
const bus = await connectNats({ servers: natsUrl, name: "simulated replicas" });
const all = createInformer({ api, clock, logger }, builtInKinds.pods, { labelSelector: labels.pool });
const pods: Informer<Pod> = nodes ? { ...all, on: (handler) => all.on((event) => isHere(event.object) && handler(event)) } : all;
simulateReplicas(
  { pods, grants: createGrants(new TextEncoder().encode(grantKey)), clock, logger, connect: () => bus },
  { site, maxSessions },
);
tellStatus();

function isHere(pod: Pod): boolean {
  return nodes?.includes(pod.spec?.nodeName ?? "") === true;
}
