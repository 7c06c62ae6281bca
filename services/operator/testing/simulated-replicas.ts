import type { Bus } from "@troupe/bus";
import { labels, stageNames } from "@troupe/kinds";
import type { Grants } from "@troupe/session";
import { createStageMetrics, type Logger, type Stage, type StageName, serveStage } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { Registry } from "prom-client";
import type { Informer, Pod } from "../kube/index.ts";

type Replica = ReturnType<typeof serveStage>;

export interface SimulatedReplicasDeps {
  readonly pods: Informer<Pod>;
  readonly grants: Grants;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A connection of its own for each process. */
  readonly connect: () => Bus;
}

/**
 * Stands in for the processes of pods that only a simulated node runs: for each pod that is ready, the real stage runtime announces,
 * opens sessions, keeps leases and drains; its stages do nothing with what they are given. A pod that is gone takes its replicas with it.
 * @param options.site of pods that name none
 */
export function simulateReplicas(deps: SimulatedReplicasDeps, options: { readonly site: string; readonly maxSessions: number }) {
  const running = new Map<string, Replica[]>();

  function start(pod: Pod): void {
    const { uid = "", name } = pod.metadata;
    if (running.has(uid)) return;
    const stages = (pod.spec?.containers ?? []).flatMap((container) => container.name.split("-")).filter(isStage);
    const site = pod.metadata.labels?.[labels.site] ?? options.site;
    running.set(
      uid,
      stages.map((stage) => {
        const bus = deps.connect();
        const replica = stages.length === 1 ? name : `${name}-${stage}`;
        const pool = pod.metadata.labels?.[labels.pool] ?? "";
        const { grants, clock, logger } = deps;
        return serveStage(
          { bus, controlBus: bus, stage: idleStage(stage), grants, clock, logger, metrics: createStageMetrics(new Registry()) },
          { ...options, site, replica, models: [], languages: [], address: "", pool },
        );
      }),
    );
  }

  async function stop(uid: string): Promise<void> {
    const replicas = running.get(uid) ?? [];
    running.delete(uid);
    await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
  }

  const end = deps.pods.on(({ type, object }) => {
    if (type === "deleted" || object.metadata.deletionTimestamp !== undefined) void stop(object.metadata.uid ?? "");
    else if (isReady(object)) start(object);
  });

  return {
    /** Sessions served by the pod now, the most of any of its stages. */
    sessionsOf: (uid: string) => Math.max(0, ...(running.get(uid) ?? []).map((replica) => replica.sessions)),
    async [Symbol.asyncDispose]() {
      end();
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

const isStage = (name: string): name is StageName => stageNames.some((stage) => stage === name);

const isReady = ({ status }: Pod) => status?.conditions?.some(({ type, status: holds }) => type === "Ready" && holds === "True") === true;

const idleStage = (name: StageName): Stage => ({
  name,
  open: () => ({ onStream() {}, idle: async () => undefined, suspend() {}, close: async () => undefined }),
});
