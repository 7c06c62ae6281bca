export { kinds as troupeKinds } from "@troupe/kinds";
export { type BackoffPolicy, backoffMs } from "./backoff.ts";
export { type Condition, conditionOf, setCondition } from "./condition.ts";
export { type Controller, type ControllerDeps, runController } from "./controller.ts";
export { type Decision, decide, type Policy } from "./decision.ts";
export { type ElectionDeps, type ElectionOptions, runElection, type Term } from "./election.ts";
export { createExpectations, type Expectations } from "./expectations.ts";
export { createInformer, type IndexBy, type Informer, type InformerDeps, type InformerEvent, type InformerOptions } from "./informer.ts";
export {
  builtInKinds,
  type ClusterEvent,
  type ConfigMap,
  type ControllerRevision,
  defineKind,
  type Kind,
  type Lease,
  type Namespace,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  type ResourceClaim,
  type ResourceClaimTemplate,
  type ResourceSlice,
  type Secret,
  type Service,
} from "./kind.ts";
export type {
  Applied,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  KubeApi,
  ListOptions,
  ObjectList,
  WatchEvent,
  WatchOptions,
} from "./kube-api.ts";
export { createKubeApi, type KubeApiOptions } from "./kube-client.ts";
export { createOperatorMetrics, type OperatorMetrics } from "./metrics.ts";
export { deviceTextOf } from "./node-text.ts";
export {
  controllerOf,
  type Existing,
  type KubeObject,
  keyOf,
  type ObjectMeta,
  type OwnerReference,
  objectKey,
  type Ref,
  refOf,
  type Wire,
} from "./object.ts";
export { applyOwnStatus, conditionsOf, type Statement } from "./own-status.ts";
export { createQueue, type QueueOptions, type WorkQueue } from "./queue.ts";
