/** One value and its place in the history of the store. */
export interface KeyValueEntry {
  readonly value: Uint8Array;
  /** Rises with every change in the store. */
  readonly revision: number;
  /** How long ago it was written. */
  readonly ageMs: number;
}

export interface KeyValueOptions {
  /** An entry that is not written again for so long is dropped; 0: never. */
  readonly ttlMs: number;
  /** Largest value. Default 256 KiB. */
  readonly maxValueBytes?: number;
  /** JetStream domain of the servers that keep it, reached over leaf nodes; default: that of the server connected to. */
  readonly domain?: string;
}

/** Keys are parts as `validateToken` allows them, joined by dots. Values outlive every process that writes them. */
export interface KeyValueStore {
  get(key: string): Promise<KeyValueEntry | undefined>;
  /** @returns its revision. @throws ServiceError RECORD_CONFLICT where the key has a value */
  create(key: string, value: Uint8Array): Promise<number>;
  /** Replaces the value if it is still the one of `revision`. @throws ServiceError RECORD_CONFLICT where it is not */
  update(key: string, value: Uint8Array, revision: number): Promise<number>;
  /** Without an effect where there is none. */
  delete(key: string): Promise<void>;
  /** Keys that have a value, in no order. @throws ServiceError STORE_UNAVAILABLE */
  keys(): Promise<readonly string[]>;
  /**
   * Tells the revision of each key that has a value, and of each that is written from now on; undefined: it was deleted. What expires
   * is not told. The watcher must neither block nor throw.
   * @param only this key; default: all
   * @returns ends it
   */
  watch(watcher: (key: string, revision: number | undefined) => void, only?: string): Promise<() => void>;
}
