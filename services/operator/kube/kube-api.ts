import type { Kind } from "./kind.ts";
import type { KubeObject, ObjectMeta, Ref } from "./object.ts";

export interface ListOptions {
  /** Objects of this namespace alone; default: of all. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page; default 500. Pages are read until the end. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface ApplyOptions extends CallOptions {
  /** Take fields over that another manager holds; default false: a conflict is OBJECT_CONFLICT. */
  readonly force?: boolean;
  /** Validate and admit, but keep nothing. */
  readonly dryRun?: boolean;
}

export interface DeleteOptions extends CallOptions {
  /** Delete only if the object still is this one; otherwise OBJECT_CONFLICT. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagation?: "Foreground" | "Background" | "Orphan";
}

type Part<T> = T extends readonly (infer Item)[] ? readonly Part<Item>[] : T extends object ? { readonly [K in keyof T]?: Part<T[K]> } : T;

/** What is written of an object: the fields of ours, and no others. */
export type Applied<T extends KubeObject> = { readonly metadata: Partial<ObjectMeta> & Ref } & Part<Omit<T, "metadata">>;

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Events after this version. */
  readonly resourceVersion: string;
  /** The server ends the watch after so long. */
  readonly timeoutSeconds: number;
  /** Nothing for so long, not even a bookmark: the connection is taken for dead, CLUSTER_UNAVAILABLE. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/**
 * The API server. Every call rejects with a ServiceError:
 * OBJECT_UNKNOWN (404), OBJECT_EXISTS (409), OBJECT_CONFLICT (409: a field of another manager, an old resourceVersion, another uid),
 * OBJECT_INVALID (400, 422: schema, CEL), CLUSTER_FORBIDDEN (401, 403), WATCH_EXPIRED (410), EVICTION_REFUSED (429 of an eviction),
 * CLUSTER_UNAVAILABLE (429, 5xx, no connection; with `retryAfterMs` where the server names one), DEADLINE, CANCELLED.
 */
export interface KubeApi {
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<ObjectList<T>>;
  get<T extends KubeObject>(kind: Kind<T>, ref: Ref, options?: CallOptions): Promise<T>;
  create<T extends KubeObject>(kind: Kind<T>, object: Applied<T>, fieldManager: string, options?: CallOptions): Promise<T>;
  /** Replaces the whole object; with metadata.resourceVersion only if nobody changed it since. */
  replace<T extends KubeObject>(kind: Kind<T>, object: Applied<T>, fieldManager: string, options?: CallOptions): Promise<T>;
  /** Server-side apply: creates or changes; what this manager applied before and leaves out now is removed. */
  apply<T extends KubeObject>(kind: Kind<T>, object: Applied<T>, fieldManager: string, options?: ApplyOptions): Promise<T>;
  /** Server-side apply to the status. Forces by default: a controller is the one writer of its fields. */
  applyStatus<T extends KubeObject>(kind: Kind<T>, object: Applied<T>, fieldManager: string, options?: ApplyOptions): Promise<T>;
  /** Writes spec.replicas through the scale subresource. */
  scale(kind: Kind, ref: Ref, replicas: number, fieldManager: string, options?: CallOptions): Promise<void>;
  delete(kind: Kind, ref: Ref, options?: DeleteOptions): Promise<void>;
  /** Asks for a pod's eviction. EVICTION_REFUSED: a disruption budget forbids it now. */
  evict(ref: Ref, options?: Pick<DeleteOptions, "uid" | "gracePeriodSeconds" | "signal">): Promise<void>;
  /** Ends when the server ends it. @throws ServiceError WATCH_EXPIRED: list again */
  watch<T extends KubeObject>(kind: Kind<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
}
