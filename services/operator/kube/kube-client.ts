import { ServiceError } from "@troupe/errors";
import { type ApiStatus, apiError, connectionError } from "./api-error.ts";
import { connectCluster } from "./connection.ts";
import { builtInKinds, collectionPath, type Kind, objectPath, type Subresource } from "./kind.ts";
import type {
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
import type { KubeObject, Ref } from "./object.ts";
import { createTransport, type Transport } from "./transport.ts";
import { jsonLines } from "./watch-lines.ts";

export interface KubeApiOptions {
  /** Path; default: KUBECONFIG, ~/.kube/config, the pod's service account. */
  readonly kubeconfig?: string;
  /** No answer for so long is DEADLINE; default 30 s. */
  readonly callTimeoutMs?: number;
}

/** The API server over HTTP. @throws ServiceError INVALID_CONFIG */
export async function createKubeApi(options: KubeApiOptions = {}): Promise<KubeApi & AsyncDisposable> {
  const transport = createTransport(await connectCluster(options.kubeconfig), options.callTimeoutMs ?? 30_000);
  return {
    ...reads(transport),
    ...writes(transport),
    ...removals(transport),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

function reads(transport: Transport): Pick<KubeApi, "list" | "get" | "watch"> {
  return {
    list: (kind, options = {}) => listPages(transport, kind, options),
    get: async <T extends KubeObject>(kind: Kind<T>, ref: Ref, options: CallOptions = {}) =>
      (await transport.call({ method: "GET", path: objectPath(kind, ref), signal: options.signal })) as T,
    watch: (kind, options) => watch(transport, kind, options),
  };
}

interface Page<T> {
  readonly items?: readonly T[] | null;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** All pages are of one moment: the version of the first. @throws ServiceError WATCH_EXPIRED when that moment is forgotten on the way */
async function listPages<T extends KubeObject>(transport: Transport, kind: Kind<T>, options: ListOptions): Promise<ObjectList<T>> {
  const { namespace, labelSelector, fieldSelector, pageSize = 500, signal } = options;
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const query = { limit: pageSize, labelSelector, fieldSelector, continue: next };
    const page = (await transport.call({ method: "GET", path: collectionPath(kind, namespace), query, signal })) as Page<T>;
    // Items of a list carry no kind of their own.
    for (const item of page.items ?? []) items.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind });
    next = page.metadata.continue;
    if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
  }
}

interface RawEvent {
  readonly type: string;
  readonly object: KubeObject & ApiStatus;
}

async function* watch<T extends KubeObject>(transport: Transport, kind: Kind<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
  const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds, idleMs, signal } = options;
  const query = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds, labelSelector, fieldSelector };
  const stream = await transport.stream({ method: "GET", path: collectionPath(kind, namespace), query, signal }, idleMs);
  try {
    for await (const line of jsonLines(stream)) {
      const { type, object } = line as RawEvent;
      if (type === "ERROR") throw apiError(object, object.code ?? 500);
      if (type === "BOOKMARK") yield { type, resourceVersion: object.metadata.resourceVersion ?? "" };
      else if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") yield { type, object: object as unknown as T };
    }
  } catch (thrown) {
    throw connectionError(thrown, signal);
  }
}

const patchTypes = { apply: "application/apply-patch+yaml", merge: "application/merge-patch+json" } as const;

function writes(transport: Transport): Pick<KubeApi, "create" | "replace" | "apply" | "applyStatus" | "scale"> {
  const patch = async <T extends KubeObject>(
    kind: Kind<T>,
    object: Applied<T>,
    target: { fieldManager: string; subresource?: Subresource },
    options: ApplyOptions,
  ) => {
    const { fieldManager, subresource } = target;
    const query = { fieldManager, force: options.force, dryRun: options.dryRun ? "All" : undefined };
    const path = objectPath(kind, object.metadata, subresource);
    const body = withKind(kind, object);
    return (await transport.call({ method: "PATCH", path, query, body, contentType: patchTypes.apply, signal: options.signal })) as T;
  };
  return {
    async create(kind, object, fieldManager, options = {}) {
      const path = collectionPath(kind, object.metadata.namespace);
      const call = { method: "POST", path, query: { fieldManager }, body: withKind(kind, object), signal: options.signal } as const;
      return (await transport.call(call)) as never;
    },
    async replace(kind, object, fieldManager, options = {}) {
      const path = objectPath(kind, object.metadata);
      const call = { method: "PUT", path, query: { fieldManager }, body: withKind(kind, object), signal: options.signal } as const;
      return (await transport.call(call)) as never;
    },
    apply: (kind, object, fieldManager, options = {}) => patch(kind, object, { fieldManager }, { force: false, ...options }),
    applyStatus: (kind, object, fieldManager, options = {}) =>
      patch(kind, object, { fieldManager, subresource: "status" }, { force: true, ...options }),
    async scale(kind, ref, replicas, fieldManager, options = {}) {
      const path = objectPath(kind, ref, "scale");
      const body = { spec: { replicas } };
      await transport.call({ method: "PATCH", path, query: { fieldManager }, body, contentType: patchTypes.merge, signal: options.signal });
    },
  };
}

const withKind = <T extends KubeObject>(kind: Kind<T>, object: Applied<T>) => ({ ...object, apiVersion: kind.apiVersion, kind: kind.kind });

function removals(transport: Transport): Pick<KubeApi, "delete" | "evict"> {
  return {
    async delete(kind, ref, options = {}) {
      const body = { apiVersion: "v1", kind: "DeleteOptions", ...deleteOptions(options) };
      await transport.call({ method: "DELETE", path: objectPath(kind, ref), body, signal: options.signal });
    },
    async evict(ref, options = {}) {
      if (!ref.namespace) throw new ServiceError("INVALID_REQUEST", `the pod ${ref.name} needs a namespace`);
      const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: ref, deleteOptions: deleteOptions(options) };
      await transport.call({ method: "POST", path: objectPath(builtInKinds.pods, ref, "eviction"), body, signal: options.signal });
    },
  };
}

function deleteOptions({ uid, resourceVersion, gracePeriodSeconds, propagation }: DeleteOptions): object {
  return {
    ...(uid || resourceVersion ? { preconditions: { uid, resourceVersion } } : {}),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagation ? { propagationPolicy: propagation } : {}),
  };
}
