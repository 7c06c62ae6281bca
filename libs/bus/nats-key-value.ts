import { jetstream } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { ServiceError } from "@troupe/errors";
import type { KeyValueOptions, KeyValueStore } from "./key-value.ts";
import { checkValue, conflict, defaultMaxValueBytes } from "./memory-key-value.ts";

/** JetStream's "wrong last sequence". */
const wrongLastSequence = 10071;

/** A bucket of NATS KV, made on first use. @throws ServiceError STORE_UNAVAILABLE where the server keeps nothing (no JetStream) */
export async function openNatsKeyValue(connection: NatsConnection, bucket: string, options: KeyValueOptions): Promise<KeyValueStore> {
  const limit = options.maxValueBytes ?? defaultMaxValueBytes;
  const stores = new Kvm(options.domain ? jetstream(connection, { domain: options.domain }) : connection);
  const store: KV = await stores.create(bucket, { ttl: options.ttlMs, history: 1, maxValueSize: limit }).catch(unavailable);
  return {
    async get(key) {
      const entry = await store.get(key).catch(unavailable);
      if (entry?.operation !== "PUT") return undefined;
      const ageMs = Math.max(0, Date.now() - entry.created.getTime());
      return { value: Uint8Array.from(entry.value), revision: entry.revision, ageMs };
    },
    async create(key, value) {
      checkValue(value, limit);
      return await store.create(key, value).catch((cause: unknown) => refused(key, cause));
    },
    async update(key, value, revision) {
      checkValue(value, limit);
      return await store.update(key, value, revision).catch((cause: unknown) => refused(key, cause));
    },
    async delete(key) {
      await store.purge(key).catch(unavailable);
    },
    async keys() {
      const keys = await store.keys().catch(unavailable);
      return await Array.fromAsync(keys);
    },
    async watch(watcher, only) {
      const entries = await store.watch({ headers_only: true, ...(only !== undefined && { key: only }) }).catch(unavailable);
      const reading = (async () => {
        for await (const { key, operation, revision } of entries) watcher(key, operation === "PUT" ? revision : undefined);
      })();
      // It ends with the connection.
      void reading.catch(() => undefined);
      return () => entries.stop();
    },
  };
}

function refused(key: string, cause: unknown): never {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === wrongLastSequence) throw conflict(key, cause);
  return unavailable(cause);
}

function unavailable(cause: unknown): never {
  throw new ServiceError("STORE_UNAVAILABLE", "the server's key-value store does not answer", { cause });
}
