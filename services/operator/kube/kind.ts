import type {
  CoreV1Event,
  ResourceV1ResourceClaim,
  V1ConfigMap,
  V1ControllerRevision,
  V1Lease,
  V1Namespace,
  V1Node,
  V1Pod,
  V1PodDisruptionBudget,
  V1ResourceClaimTemplate,
  V1ResourceSlice,
  V1Secret,
  V1Service,
} from "@kubernetes/client-node";
import type { KindPath } from "@troupe/kinds";
import type { Existing, KubeObject, Ref } from "./object.ts";

/** A kind of the API. `T` is the shape of its objects; nothing checks it at run time, the API server's schema does. */
export type Kind<T extends KubeObject = KubeObject> = KindPath<T>;

/** @example defineKind<StagePool>({ apiVersion: "troupe.dev/v1alpha1", kind: "StagePool", plural: "stagepools", namespaced: true }) */
export const defineKind = <T extends KubeObject>(kind: Omit<Kind<T>, "shape">): Kind<T> => kind;

export type Pod = Existing<V1Pod>;
export type Node = Existing<V1Node>;
export type Namespace = Existing<V1Namespace>;
export type ConfigMap = Existing<V1ConfigMap>;
export type Secret = Existing<V1Secret>;
export type Service = Existing<V1Service>;
export type ClusterEvent = Existing<CoreV1Event>;
export type Lease = Existing<V1Lease>;
export type ControllerRevision = Existing<V1ControllerRevision>;
export type PodDisruptionBudget = Existing<V1PodDisruptionBudget>;
export type ResourceSlice = Existing<V1ResourceSlice>;
export type ResourceClaim = Existing<ResourceV1ResourceClaim>;
export type ResourceClaimTemplate = Existing<V1ResourceClaimTemplate>;

/** The built-in kinds that the operator reads or writes. */
export const builtInKinds = {
  pods: defineKind<Pod>({ apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true }),
  nodes: defineKind<Node>({ apiVersion: "v1", kind: "Node", plural: "nodes", namespaced: false }),
  namespaces: defineKind<Namespace>({ apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false }),
  configMaps: defineKind<ConfigMap>({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true }),
  secrets: defineKind<Secret>({ apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true }),
  services: defineKind<Service>({ apiVersion: "v1", kind: "Service", plural: "services", namespaced: true }),
  events: defineKind<ClusterEvent>({ apiVersion: "v1", kind: "Event", plural: "events", namespaced: true }),
  leases: defineKind<Lease>({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", plural: "leases", namespaced: true }),
  controllerRevisions: defineKind<ControllerRevision>({
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    plural: "controllerrevisions",
    namespaced: true,
  }),
  podDisruptionBudgets: defineKind<PodDisruptionBudget>({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    namespaced: true,
  }),
  resourceSlices: defineKind<ResourceSlice>({
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceSlice",
    plural: "resourceslices",
    namespaced: false,
  }),
  resourceClaims: defineKind<ResourceClaim>({
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaim",
    plural: "resourceclaims",
    namespaced: true,
  }),
  resourceClaimTemplates: defineKind<ResourceClaimTemplate>({
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    plural: "resourceclaimtemplates",
    namespaced: true,
  }),
} as const;

/** Path of all objects of a kind, in one namespace or in all. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  const within = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${within}/${kind.plural}`;
}

export type Subresource = "status" | "scale" | "eviction";

/** Path of one object, or of a part of it. */
export function objectPath(kind: Kind, ref: Ref, subresource?: Subresource): string {
  const path = `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource ? `${path}/${subresource}` : path;
}
