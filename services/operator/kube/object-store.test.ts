import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InformerEvent } from "./informer.ts";
import type { KubeObject } from "./object.ts";
import { objectKey } from "./object.ts";
import { createObjectStore } from "./object-store.ts";

const object = fc.record({
  metadata: fc.record({
    name: fc.constantFrom("a", "b", "c"),
    namespace: fc.constantFrom("n", "m"),
    uid: fc.constantFrom("u", "v"),
    resourceVersion: fc.constantFrom("1", "2", "3"),
    labels: fc.record({ pool: fc.constantFrom("p", "q") }),
  }),
});
const step = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), object }),
  fc.record({ kind: fc.constant("remove" as const), object }),
  fc.record({ kind: fc.constant("replace" as const), objects: fc.uniqueArray(object, { selector: objectKey, maxLength: 5 }) }),
);
const poolOf = (one: KubeObject) => [one.metadata.labels?.["pool"] ?? ""];

/** Does with the copy what an event says, and checks that it fits what was there. */
function followEvent(followed: Map<string, KubeObject>, { type, object: now, old }: InformerEvent<KubeObject>): void {
  const key = objectKey(now);
  expect(followed.has(key)).toBe(type !== "added");
  if (type === "changed") expect(old).toBe(followed.get(key));
  if (type === "deleted") followed.delete(key);
  else followed.set(key, now);
}

describe("the store of an informer", () => {
  it("tells followers exactly what brings them from one state to the next, and files every object under its index", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const store = createObjectStore<KubeObject>({ pool: poolOf });
        const followed = new Map<string, KubeObject>();
        const change = {
          put: (one: { object: KubeObject }) => store.put(one.object),
          remove: (one: { object: KubeObject }) => store.remove(objectKey(one.object)),
          replace: (one: { objects: KubeObject[] }) => store.replace(one.objects),
        };
        for (const one of steps) {
          for (const event of change[one.kind](one as never)) followEvent(followed, event);
          expect(new Set(store.list())).toEqual(new Set(followed.values()));
          for (const pool of ["p", "q"]) {
            expect(new Set(store.byIndex("pool", pool))).toEqual(new Set(store.list().filter((each) => poolOf(each).includes(pool))));
          }
        }
      }),
    );
  });

  it("says nothing about an object that is listed again unchanged", () => {
    const store = createObjectStore<KubeObject>({});
    const one = { metadata: { name: "a", uid: "u", resourceVersion: "7" } };
    store.put(one);
    expect(store.replace([{ ...one }])).toEqual([]);
  });

  it("tells an object that was replaced under its name as gone and new", () => {
    const store = createObjectStore<KubeObject>({});
    store.put({ metadata: { name: "a", uid: "u", resourceVersion: "7" } });
    expect(store.put({ metadata: { name: "a", uid: "v", resourceVersion: "9" } }).map((event) => event.type)).toEqual(["deleted", "added"]);
  });

  it("refuses to look in an index that does not exist", () => {
    expect(() => createObjectStore<KubeObject>({}).byIndex("pool", "p")).toThrow(/no index pool/);
  });
});
