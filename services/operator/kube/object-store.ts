import { ServiceError } from "@troupe/errors";
import type { IndexBy, InformerEvent } from "./informer.ts";
import { type KubeObject, objectKey } from "./object.ts";

/** Objects by key and by index. Each change says what it means to those who follow. */
export interface ObjectStore<T extends KubeObject> {
  readonly size: number;
  list(): readonly T[];
  get(key: string): T | undefined;
  byIndex(name: string, key: string): readonly T[];
  put(object: T): readonly InformerEvent<T>[];
  remove(key: string, last?: T): readonly InformerEvent<T>[];
  /** These are all there are. */
  replace(objects: readonly T[]): readonly InformerEvent<T>[];
}

export function createObjectStore<T extends KubeObject>(indexes: Readonly<Record<string, IndexBy<T>>>): ObjectStore<T> {
  const objects = new Map<string, T>();
  const filed = new Map(Object.keys(indexes).map((name) => [name, new Map<string, Map<string, T>>()] as const));

  function unfile(key: string, object: T): void {
    for (const [name, groups] of filed) {
      for (const group of indexes[name]?.(object) ?? []) {
        groups.get(group)?.delete(key);
        if (groups.get(group)?.size === 0) groups.delete(group);
      }
    }
  }

  function file(key: string, object: T): void {
    for (const [name, groups] of filed) {
      for (const group of indexes[name]?.(object) ?? []) {
        const members = groups.get(group) ?? new Map<string, T>();
        groups.set(group, members.set(key, object));
      }
    }
  }

  function put(object: T): readonly InformerEvent<T>[] {
    const key = objectKey(object);
    const old = objects.get(key);
    if (old && old.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    if (old) unfile(key, old);
    objects.set(key, object);
    file(key, object);
    if (!old) return [{ type: "added", object }];
    // Deleted and created anew while nobody looked.
    if (old.metadata.uid !== object.metadata.uid) return [deleted(old), { type: "added", object }];
    return [{ type: "changed", object, old }];
  }

  function remove(key: string, last?: T): readonly InformerEvent<T>[] {
    const old = objects.get(key);
    if (!old) return [];
    unfile(key, old);
    objects.delete(key);
    return [deleted(last ?? old)];
  }

  return {
    get size() {
      return objects.size;
    },
    list: () => [...objects.values()],
    get: (key) => objects.get(key),
    byIndex(name, key) {
      const groups = filed.get(name);
      if (!groups) throw new ServiceError("INTERNAL", `there is no index ${name}`);
      return [...(groups.get(key)?.values() ?? [])];
    },
    put,
    remove,
    replace(all) {
      const kept = new Set(all.map(objectKey));
      const gone = [...objects.keys()].filter((key) => !kept.has(key)).flatMap((key) => remove(key));
      return [...gone, ...all.flatMap(put)];
    },
  };
}

const deleted = <T>(object: T): InformerEvent<T> => ({ type: "deleted", object });
