import type { Clock } from "@troupe/timeline";

/**
 * What an owner has asked the API server for and its informer has not shown yet. Whoever counts objects before that counts wrong, and
 * creates or deletes twice.
 */
export interface Expectations {
  /** Before creating: these keys (`namespace/name`) will appear. */
  expectCreated(owner: string, keys: readonly string[]): void;
  /** Before deleting: these uids will go. */
  expectDeleted(owner: string, uids: readonly string[]): void;
  /** The informer has shown it, or creating it failed. */
  created(owner: string, key: string): void;
  /** The informer no longer has it, or deleting it failed. */
  deleted(owner: string, uid: string): void;
  /** Everything expected was seen, or is overdue: now the owner may count its objects. */
  satisfied(owner: string): boolean;
  /** The owner is gone. */
  forget(owner: string): void;
  /** How long until the last of what is still expected is overdue; undefined: nothing is expected. */
  remainingMs(owner: string): number | undefined;
}

/** @param options.timeoutMs after so long the informer's word counts again; default 60 s */
export function createExpectations({ clock }: { readonly clock: Clock }, options: { readonly timeoutMs?: number } = {}): Expectations {
  const timeoutMs = options.timeoutMs ?? 60_000;
  /** Of each owner: what is expected, and when it is overdue. */
  const expected = new Map<string, Map<string, number>>();

  function expect(owner: string, things: readonly string[]): void {
    const own = expected.get(owner) ?? new Map<string, number>();
    for (const thing of things) own.set(thing, clock.nowMs() + timeoutMs);
    if (own.size > 0) expected.set(owner, own);
  }

  function seen(owner: string, thing: string): void {
    const own = expected.get(owner);
    own?.delete(thing);
    if (own?.size === 0) expected.delete(owner);
  }

  function remainingMs(owner: string): number | undefined {
    const lastMs = Math.max(...(expected.get(owner)?.values() ?? []));
    const leftMs = lastMs - clock.nowMs();
    if (leftMs > 0) return leftMs;
    expected.delete(owner);
    return undefined;
  }

  return {
    expectCreated: (owner, keys) => expect(owner, keys.map(creation)),
    expectDeleted: (owner, uids) => expect(owner, uids.map(deletion)),
    created: (owner, key) => seen(owner, creation(key)),
    deleted: (owner, uid) => seen(owner, deletion(uid)),
    satisfied: (owner) => remainingMs(owner) === undefined,
    forget: (owner) => void expected.delete(owner),
    remainingMs,
  };
}

const creation = (key: string) => `+${key}`;
const deletion = (uid: string) => `-${uid}`;
