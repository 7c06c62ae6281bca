import { ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { type BackoffPolicy, backoffMs } from "./backoff.ts";
import type { Kind } from "./kind.ts";
import type { KubeApi, WatchEvent } from "./kube-api.ts";
import type { OperatorMetrics } from "./metrics.ts";
import { type KubeObject, keyOf, objectKey, type Ref } from "./object.ts";
import { createObjectStore } from "./object-store.ts";

export interface InformerEvent<T> {
  readonly type: "added" | "changed" | "deleted";
  readonly object: T;
  /** What it was before; of "changed" only. */
  readonly old?: T;
}

/** What an index files an object under: any number of keys. */
export type IndexBy<T> = (object: T) => readonly string[];

/** All objects of a kind, kept current by a watch. */
export interface Informer<T extends KubeObject> extends AsyncDisposable {
  /** Resolves once the first list is there. Never rejects: until then it goes on trying. */
  readonly synced: Promise<void>;
  readonly isSynced: boolean;
  /** When the API server was last heard of, on the injected clock; undefined before the first list. */
  readonly heardMs: number | undefined;
  list(): readonly T[];
  get(ref: Ref): T | undefined;
  /** @throws ServiceError INTERNAL if there is no index of that name */
  byIndex(name: string, key: string): readonly T[];
  /**
   * Calls back for every change from now on, and at once with "added" for each object already there. An object that vanished while
   * the watch was down is "deleted" as it was last known; one replaced under the same name is "deleted", then "added".
   * @returns what ends it
   */
  on(handler: (event: InformerEvent<T>) => void): () => void;
}

export interface InformerDeps {
  readonly api: Pick<KubeApi, "list" | "watch">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: OperatorMetrics;
  /** 0 to 1; default Math.random. */
  readonly random?: () => number;
}

export interface InformerOptions<T> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly indexes?: Readonly<Record<string, IndexBy<T>>>;
  /** The server ends a watch after one to two times this; default 300 s, as client-go. */
  readonly watchTimeoutSeconds?: number;
  /** Silence that counts as a dead connection; default 90 s: the server sends a bookmark each minute. */
  readonly idleMs?: number;
  /** After so long, and up to twice that, everything is listed again whatever the watch said; default 1 h. */
  readonly relistMs?: number;
  /** Informers that must list again at the same time spread over this; default 1 s. */
  readonly relistJitterMs?: number;
  readonly backoff?: BackoffPolicy;
  /** The kind may not be installed: then there are none of it, and it is looked for again each minute. Default false. */
  readonly optional?: boolean;
}

const absentMs = 60_000;
const defaultBackoff: BackoffPolicy = { initialMs: 200, maxMs: 10_000 };

export function createInformer<T extends KubeObject>(deps: InformerDeps, kind: Kind<T>, options: InformerOptions<T> = {}): Informer<T> {
  const { api, clock, logger, metrics, random = Math.random } = deps;
  const { watchTimeoutSeconds = 300, idleMs = 90_000, relistMs = 3_600_000, relistJitterMs = 1000, backoff = defaultBackoff } = options;
  const selection = {
    ...(options.namespace ? { namespace: options.namespace } : {}),
    ...(options.labelSelector ? { labelSelector: options.labelSelector } : {}),
  };
  const store = createObjectStore(options.indexes ?? {});
  const handlers = new Set<(event: InformerEvent<T>) => void>();
  const synced = Promise.withResolvers<void>();
  const closing = new AbortController();
  const { signal } = closing;
  const labels = { kind: kind.kind };
  let isSynced = false;
  let heardMs: number | undefined;
  let resourceVersion: string | undefined;
  let relistAtMs = 0;
  let failures = 0;

  function tell(event: InformerEvent<T>, to: Iterable<(event: InformerEvent<T>) => void> = handlers): void {
    for (const handler of to) {
      try {
        handler(event);
      } catch (thrown) {
        logger.error({ kind: kind.kind, key: objectKey(event.object), err: ServiceError.from(thrown) }, "a handler of an informer failed");
      }
    }
  }

  function heard(events: readonly InformerEvent<T>[]): void {
    heardMs = clock.nowMs();
    failures = 0;
    for (const event of events) tell(event);
    metrics?.informerObjects.set(labels, store.size);
  }

  async function relist(): Promise<void> {
    const list = await api.list(kind, { ...selection, signal });
    resourceVersion = list.resourceVersion;
    relistAtMs = clock.nowMs() + relistMs * (1 + random());
    metrics?.informerLists.inc(labels);
    heard(store.replace(list.items.map(withoutFieldOwners)));
    sync();
  }

  function sync(): void {
    isSynced = true;
    synced.resolve();
  }

  function take(event: WatchEvent<T>): void {
    if (event.type === "BOOKMARK") {
      resourceVersion = event.resourceVersion;
      return heard([]);
    }
    const object = withoutFieldOwners(event.object);
    resourceVersion = object.metadata.resourceVersion;
    heard(event.type === "DELETED" ? store.remove(objectKey(object), object) : store.put(object));
  }

  /** One watch from where the last ended, until the server ends it or it breaks. */
  async function follow(from: string): Promise<void> {
    const timeoutSeconds = Math.max(1, Math.round(watchTimeoutSeconds * (1 + random())));
    for await (const event of api.watch(kind, { ...selection, resourceVersion: from, timeoutSeconds, idleMs, signal })) {
      take(event);
      if (clock.nowMs() >= relistAtMs) break;
    }
  }

  async function step(): Promise<void> {
    if (resourceVersion === undefined || clock.nowMs() >= relistAtMs) await relist();
    else {
      const startMs = clock.nowMs();
      await follow(resourceVersion);
      // A server that ends each watch at once is not asked in a tight loop.
      if (clock.nowMs() - startMs < 1000) await clock.sleep(backoffMs(backoff, 0, random()), signal);
    }
  }

  async function recover(thrown: unknown): Promise<void> {
    const error = ServiceError.from(thrown);
    metrics?.watchFailures.inc({ ...labels, reason: error.reason });
    if (error.reason === "WATCH_EXPIRED") {
      resourceVersion = undefined;
      logger.info({ kind: kind.kind }, "the watch expired; listing again");
      return clock.sleep(random() * relistJitterMs, signal);
    }
    if (options.optional && error.reason === "OBJECT_UNKNOWN") {
      resourceVersion = undefined;
      heard(store.replace([]));
      sync();
      return clock.sleep(absentMs, signal);
    }
    const delayMs = Math.max(error.retryAfterMs ?? 0, backoffMs(backoff, failures++, random()));
    logger.warn({ kind: kind.kind, reason: error.reason, detail: error.message, delayMs }, "the watch broke");
    await clock.sleep(delayMs, signal);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await step();
      } catch (thrown) {
        if (signal.aborted) return;
        await recover(thrown).catch(() => undefined);
      }
    }
  }
  const running = run();

  return {
    synced: synced.promise,
    get isSynced() {
      return isSynced;
    },
    get heardMs() {
      return heardMs;
    },
    list: () => store.list(),
    get: (ref) => store.get(keyOf(ref)),
    byIndex: (name, key) => store.byIndex(name, key),
    on(handler) {
      // An own function, so that one handler may be added twice.
      const own = (event: InformerEvent<T>) => handler(event);
      for (const object of store.list()) tell({ type: "added", object }, [own]);
      handlers.add(own);
      return () => void handlers.delete(own);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new ServiceError("CANCELLED", "the informer closes"));
      await running;
      handlers.clear();
    },
  };
}

/** Who owns which field is half of an object's size, and nobody here reads it. */
function withoutFieldOwners<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T["metadata"] & { managedFields?: unknown };
  return { ...object, metadata };
}
