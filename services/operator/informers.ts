import {
  type AcceleratorClass,
  type Avatar,
  kinds,
  labels,
  type Model,
  managedBy,
  type Pipeline,
  type Site,
  type StagePool,
  type Tenant,
} from "@troupe/kinds";
import { pipelineKeyOf } from "./avatar/index.ts";
import {
  builtInKinds,
  type ControllerRevision,
  createInformer,
  type Informer,
  type InformerDeps,
  type KubeObject,
  type Namespace,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  type ResourceSlice,
} from "./kube/index.ts";
import { modelsOfPool } from "./model/index.ts";
import { modelsOf, sitesOf } from "./pipeline/index.ts";
import { poolKeyOf } from "./stage-pool/index.ts";
import { namespacesOf, quotaPipelinesOf } from "./tenant/index.ts";

/** One informer for each kind, shared by all controllers. They run whether this process leads or not. */
export interface Informers extends AsyncDisposable {
  readonly pools: Informer<StagePool>;
  readonly pods: Informer<Pod>;
  readonly budgets: Informer<PodDisruptionBudget>;
  /** Records of the templates of pools. */
  readonly revisions: Informer<ControllerRevision>;
  readonly nodes: Informer<Node>;
  readonly slices: Informer<ResourceSlice>;
  readonly namespaces: Informer<Namespace>;
  readonly classes: Informer<AcceleratorClass>;
  readonly sites: Informer<Site>;
  readonly models: Informer<Model>;
  readonly pipelines: Informer<Pipeline>;
  readonly avatars: Informer<Avatar>;
  readonly tenants: Informer<Tenant>;
  /** All of them have their first list. */
  readonly synced: Promise<void>;
  /** Kinds that have not. */
  waiting(): readonly string[];
}

/** @param namespace that of the platform */
export function startInformers(deps: InformerDeps, namespace: string): Informers {
  const pool = (object: KubeObject) => {
    const key = poolKeyOf(object);
    return key === undefined ? [] : [key];
  };
  const informers = {
    pools: createInformer(deps, kinds.stagePools, { namespace, indexes: { model: modelsOfPool } }),
    pods: createInformer(deps, builtInKinds.pods, {
      indexes: {
        pool,
        node: ({ spec }) => (spec?.nodeName ? [spec.nodeName] : []),
      },
    }),
    budgets: createInformer(deps, builtInKinds.podDisruptionBudgets, { namespace }),
    revisions: createInformer(deps, builtInKinds.controllerRevisions, {
      namespace,
      labelSelector: `${labels.managedBy}=${managedBy}`,
      indexes: { pool },
    }),
    nodes: createInformer(deps, builtInKinds.nodes),
    slices: createInformer(deps, builtInKinds.resourceSlices, { optional: true }),
    namespaces: createInformer(deps, builtInKinds.namespaces),
    classes: createInformer(deps, kinds.acceleratorClasses),
    sites: createInformer(deps, kinds.sites),
    models: createInformer(deps, kinds.models),
    pipelines: createInformer(deps, kinds.pipelines, { indexes: { model: modelsOf, site: sitesOf } }),
    avatars: createInformer(deps, kinds.avatars, { indexes: { pipeline: pipelineKeyOf } }),
    tenants: createInformer(deps, kinds.tenants, { indexes: { namespace: namespacesOf, pipeline: quotaPipelinesOf } }),
  };
  const all = Object.entries(informers);
  return {
    ...informers,
    synced: Promise.all(all.map(([, informer]) => informer.synced)).then(() => undefined),
    waiting: () => all.filter(([, informer]) => !informer.isSynced).map(([name]) => name),
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map(([, informer]) => informer[Symbol.asyncDispose]()));
    },
  };
}
