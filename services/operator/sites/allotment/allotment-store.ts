import { toBinary } from "@bufbuild/protobuf";
import { type KeyValueStore, validateToken } from "@troupe/bus";
import { type TenantAllotment, TenantAllotmentSchema } from "@troupe/contracts";
import { putValue } from "../buckets.ts";

/** Where the gateways of a site read how many sessions of whom they may hold. */
export interface AllotmentStore extends Disposable {
  /** Makes them the site's allotments: changes those that differ, and takes away those of tenants not listed. @throws ServiceError STORE_UNAVAILABLE */
  publish(site: string, allotments: readonly TenantAllotment[]): Promise<void>;
}

const width = 16;

/** @param store the bucket "allotments"; it has one writer a site */
export async function createAllotmentStore(store: KeyValueStore): Promise<AllotmentStore> {
  const keys = new Set<string>();
  const written = new Map<string, { readonly value: Buffer; readonly revision: number }>();
  const end = await store.watch((key, revision) => {
    if (revision === undefined) keys.delete(key);
    else keys.add(key);
    // An operator that led meanwhile has written.
    if (written.get(key)?.revision !== revision) written.delete(key);
  });

  async function put(key: string, allotment: TenantAllotment): Promise<void> {
    const value = Buffer.from(toBinary(TenantAllotmentSchema, allotment));
    if (written.get(key)?.value.equals(value)) return;
    written.set(key, { value, revision: await putValue(store, key, value) });
  }

  async function remove(key: string): Promise<void> {
    written.delete(key);
    await store.delete(key);
  }

  return {
    async publish(site, allotments) {
      const prefix = `${validateToken("site", site)}.`;
      const wanted = new Map(allotments.map((one) => [`${prefix}${validateToken("tenant", one.tenant)}`, one]));
      const stale = [...keys, ...written.keys()].filter((key) => key.startsWith(prefix) && !wanted.has(key));
      const work = [...wanted]
        .map(
          ([key, one]) =>
            () =>
              put(key, one),
        )
        .concat([...new Set(stale)].map((key) => () => remove(key)));
      const workers = Array.from({ length: width }, async () => {
        for (let next = work.shift(); next; next = work.shift()) await next();
      });
      // A worker that goes on after another has failed would write over what the next try writes.
      const failed = (await Promise.allSettled(workers)).find((worker) => worker.status === "rejected");
      if (failed) throw failed.reason;
    },
    [Symbol.dispose]: end,
  };
}
