import { logThrown } from "@troupe/service";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { watchFiles } from "../http/watched-files.ts";
import { isKeyOf, parseApiKey } from "./api-key.ts";
import { readKeysFile, type StoredKey } from "./keys-file.ts";
import { type Principal, unlimited } from "./principal.ts";

/** The keys that are valid now. */
export interface KeyRing {
  /** The caller that holds the key; undefined: no such key, or it is revoked. */
  holderOf(key: string): Principal | undefined;
  /** The caller by the id of a key that was checked before; undefined: the key is gone or revoked. */
  holderById(id: string): Principal | undefined;
  /** Origins of one key. */
  originsOf(id: string): readonly string[];
  /** Whether any valid key allows the origin. */
  allowsOrigin(origin: string): boolean;
  close(): void;
}

/**
 * Follows a keys file. A file that was broken meanwhile changes nothing, and the log says so.
 * @throws ServiceError INVALID_CONFIG where it is broken from the start
 */
export async function openKeyRing(path: string, deps: { readonly clock: Clock; readonly logger: Logger }): Promise<KeyRing> {
  let keys = await readKeysFile(path);
  const stop = watchFiles([path], deps.clock, async () => {
    try {
      keys = await readKeysFile(path);
    } catch (thrown) {
      logThrown(deps.logger, thrown, "the keys stay as they were");
    }
  });
  const valid = (id: string) => {
    const key = keys.get(id);
    return key?.revoked === undefined ? key : undefined;
  };
  return {
    holderOf(text) {
      const key = parseApiKey(text);
      const stored = key && valid(key.id);
      return stored && isKeyOf(stored.hash, key) ? principalOf(stored) : undefined;
    },
    holderById(id) {
      const stored = valid(id);
      return stored && principalOf(stored);
    },
    originsOf: (id) => valid(id)?.origins ?? [],
    allowsOrigin: (origin) => [...keys.values()].some(({ revoked, origins }) => revoked === undefined && origins.includes(origin)),
    close: stop,
  };
}

function principalOf({ id, tenant, limits, motionOnly }: StoredKey): Principal {
  const given = Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
  return { tenant, key: id, limits: { ...unlimited, ...given }, motionOnly };
}
