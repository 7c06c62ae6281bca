import type { ObjectMeta, OwnerReference } from "@troupe/kinds";

export type { ObjectMeta, OwnerReference };

/** Any object of the API. Those that an informer hands out are shared: read them, never change them. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** Where an object is; without a namespace it is one of the cluster. */
export interface Ref {
  readonly name: string;
  readonly namespace?: string;
}

/** A type of @kubernetes/client-node as JSON brings it: times are strings, and nothing may be changed. */
export type Wire<T> = T extends Date ? string : T extends object ? { readonly [K in keyof T]: Wire<T[K]> } : T;

/** An object of a built-in kind that the API server has sent, so that it has metadata. */
export type Existing<T extends { metadata?: unknown }> = Omit<Wire<T>, "metadata" | "apiVersion" | "kind"> & KubeObject;

/** `namespace/name`, or `name` for an object of the cluster: the key of queues and informers. */
export const keyOf = (ref: Ref): string => (ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name);

/** The inverse of {@link keyOf}. */
export function refOf(key: string): Ref {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export const objectKey = (object: KubeObject): string => keyOf(object.metadata);

/** The owner that controls the object, if it is of this kind. */
export function controllerOf(object: KubeObject, kind: string): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true && owner.kind === kind);
}
