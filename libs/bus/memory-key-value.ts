import { ServiceError } from "@troupe/errors";
import type { KeyValueOptions, KeyValueStore } from "./key-value.ts";

interface Kept {
  readonly value: Uint8Array;
  readonly revision: number;
  readonly writtenMs: number;
}

/** A store within one process, for all connections of one broker. */
export function createMemoryKeyValue(options: KeyValueOptions, nowMs: () => number): KeyValueStore {
  const entries = new Map<string, Kept>();
  const watchers = new Set<(key: string, revision: number | undefined) => void>();
  let revision = 0;
  const limit = options.maxValueBytes ?? defaultMaxValueBytes;

  function find(key: string): Kept | undefined {
    const kept = entries.get(key);
    if (!kept || options.ttlMs === 0 || nowMs() - kept.writtenMs < options.ttlMs) return kept;
    entries.delete(key);
    return undefined;
  }

  function put(key: string, value: Uint8Array): number {
    checkValue(value, limit);
    const written = ++revision;
    entries.set(key, { value: value.slice(), revision: written, writtenMs: nowMs() });
    for (const watch of watchers) watch(key, written);
    return written;
  }

  return {
    async get(key) {
      const kept = find(key);
      return kept && { value: kept.value, revision: kept.revision, ageMs: nowMs() - kept.writtenMs };
    },
    async create(key, value) {
      if (find(key)) throw conflict(key);
      return put(key, value);
    },
    async update(key, value, expected) {
      if (find(key)?.revision !== expected) throw conflict(key);
      return put(key, value);
    },
    async delete(key) {
      if (entries.delete(key)) for (const watch of watchers) watch(key, undefined);
    },
    keys: async () => [...entries.keys()].filter((key) => find(key) !== undefined),
    async watch(watcher, only) {
      // Whoever watches twice is told twice.
      const own: typeof watcher = (key, changed) => {
        if (only === undefined || key === only) watcher(key, changed);
      };
      for (const key of [...entries.keys()]) {
        const kept = find(key);
        if (kept) own(key, kept.revision);
      }
      watchers.add(own);
      return () => void watchers.delete(own);
    },
  };
}

export const defaultMaxValueBytes = 256 * 1024;

export const conflict = (key: string, cause?: unknown) =>
  new ServiceError("RECORD_CONFLICT", `${key} was changed by somebody else`, cause === undefined ? {} : { cause });

/** @throws ServiceError INVALID_REQUEST */
export function checkValue(value: Uint8Array, limit: number): void {
  if (value.byteLength > limit) throw new ServiceError("INVALID_REQUEST", `a value may have ${limit} bytes, not ${value.byteLength}`);
}
