import type { Bus, KeyValueStore } from "@troupe/bus";
import { isServiceError, ServiceError } from "@troupe/errors";
import { siteBucketOptions, type siteBuckets } from "@troupe/session";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";

export interface SiteBucketDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
}

type SiteBucketName = (typeof siteBuckets)[keyof typeof siteBuckets];

const openAgainMs = 10_000;

/** Follows one bucket of the site's operator. What was read last holds as long as nothing newer can be read. */
export class SiteBucket implements Disposable {
  /** It was tried to open it. */
  readonly tried: Promise<void>;
  readonly #deps: SiteBucketDeps;
  readonly #name: SiteBucketName;
  readonly #wanted: (key: string) => boolean;
  readonly #onChange: () => void;
  /** Of each key that has a value, as far as it is known. */
  readonly #revisions = new Map<string, number>();
  readonly #values = new Map<string, { readonly value: Uint8Array; readonly revision: number }>();
  #store: KeyValueStore | undefined;
  #end: () => void = () => undefined;
  #cancel: () => void = () => undefined;
  #disposed = false;

  /** @param wanted which keys matter @param onChange one of them was written or deleted */
  constructor(deps: SiteBucketDeps, name: SiteBucketName, wanted: (key: string) => boolean, onChange: () => void = () => undefined) {
    this.#deps = deps;
    this.#name = name;
    this.#wanted = wanted;
    this.#onChange = onChange;
    this.tried = this.#open();
  }

  /** Whether it holds anything that matters. */
  get isEmpty(): boolean {
    return this.#revisions.size === 0;
  }

  /** The value of a key; where it cannot be read, the one before. @throws ServiceError STORE_UNAVAILABLE where there is none before */
  async get(key: string): Promise<Uint8Array | undefined> {
    const revision = this.#revisions.get(key);
    const known = this.#values.get(key);
    if (revision === undefined || !this.#store) return undefined;
    if (known && known.revision >= revision) return known.value;
    try {
      const entry = await this.#store.get(key);
      if (entry) this.#values.set(key, entry);
      else this.#forget(key);
      return entry?.value;
    } catch (thrown) {
      if (!known) throw thrown;
      return known.value;
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel();
    this.#end();
  }

  async #open(): Promise<void> {
    const { bus, clock, logger } = this.#deps;
    try {
      const store = await bus.keyValue(this.#name, siteBucketOptions);
      this.#end = await store.watch((key, revision) => this.#changed(key, revision));
      for (const key of await store.keys()) if (!this.#revisions.has(key)) this.#changed(key, 0);
      this.#store = store;
      if (this.#disposed) this.#end();
    } catch (thrown) {
      this.#end();
      if (this.#disposed) return;
      const { reason } = ServiceError.from(thrown);
      if (!isServiceError(thrown, "STORE_UNAVAILABLE")) logger.warn({ bucket: this.#name, reason }, "a bucket could not be followed yet");
      this.#cancel = clock.setTimer(openAgainMs, () => void this.#open());
    }
  }

  #changed(key: string, revision: number | undefined): void {
    if (!this.#wanted(key)) return;
    if (revision === undefined) this.#forget(key);
    else this.#revisions.set(key, revision);
    this.#onChange();
  }

  #forget(key: string): void {
    this.#revisions.delete(key);
    this.#values.delete(key);
  }
}
