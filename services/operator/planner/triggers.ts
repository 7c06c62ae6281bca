import { deviceTextOf, type KubeObject, type WorkQueue } from "../kube/index.ts";
import { isUnbound } from "./contradictions.ts";
import { type PlannerDeps, planKey } from "./planner.ts";

/** Changes come in crowds; one plan follows them. */
const gatherMs = 500;

type Watched = Pick<PlannerDeps, "nodes" | "pods" | "slices" | "classes" | "sites" | "models" | "pipelines" | "tenants" | "pools">;

/** Plans anew when something that a plan is made of has changed. @returns what ends it */
export function triggerPlanner(watched: Watched, queue: WorkQueue): () => void {
  const plan = () => queue.addAfter(planKey, gatherMs);
  const { nodes, pods, slices, classes, sites, models, pipelines, tenants, pools } = watched;
  const ends = [
    nodes.on(({ object, old }) => {
      if (!old || deviceTextOf(old) !== deviceTextOf(object)) plan();
    }),
    pods.on(({ type, object, old }) => {
      // Where pods are and whether they leave matters, not how they are.
      if (type !== "changed" || !old || old.spec?.nodeName !== object.spec?.nodeName || isUnbound(old) !== isUnbound(object)) plan();
    }),
    slices.on(plan),
    ...[classes, sites, models, tenants, pipelines, pools].map((informer) =>
      (informer as { on: typeof classes.on }).on(({ object, old }) => {
        if (!old || inputText(old) !== inputText(object)) plan();
      }),
    ),
  ];
  plan();
  return () => {
    for (const end of ends) end();
  };
}

interface WithInput extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly profile?: unknown;
    readonly resolved?: unknown;
  };
}

/** What others write and a plan reads; the planner's own condition is not among it. */
function inputText(object: WithInput): string {
  const { conditions = [], profile, resolved } = object.status ?? {};
  const read = conditions.filter(({ type }) => type === "Verified" || type === "Connected").map(({ type, status }) => `${type}=${status}`);
  return JSON.stringify([object.metadata.generation, read, profile, resolved]);
}
