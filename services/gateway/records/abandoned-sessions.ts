import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { KeyValueStore } from "@troupe/bus";
import { type SessionRecord, SessionRecordSchema } from "@troupe/contracts";
import { isServiceError, ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";

export interface AbandonedSessionsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: KeyValueStore;
  /** Whether the gateway of that name has the session. */
  readonly holds: (owner: string, session: string) => Promise<boolean>;
  /** The session is over: this gateway, and no other, is to tell of it. Must neither block nor throw. */
  readonly onAbandoned: (record: SessionRecord) => void;
}

interface Seen {
  readonly revision: number;
  readonly sinceMs: number;
}

const lookEveryMs = 2000;

/**
 * Sessions that no gateway has any more and nobody came back to: their gateway was killed, or handed them over. Every gateway of the
 * site watches; who replaces the record by an empty one, by compare-and-set, tells of the end.
 */
export class AbandonedSessions implements Disposable {
  readonly #deps: AbandonedSessionsDeps;
  readonly #afterMs: number;
  readonly #seen = new Map<string, Seen>();
  readonly #watching: Promise<() => void>;
  #cancel: () => void;
  #looking = false;

  /** @param afterMs a record that was not written for so long is nobody's: more than an owner ever waits, less than a record is kept */
  constructor(deps: AbandonedSessionsDeps, afterMs: number) {
    this.#deps = deps;
    this.#afterMs = afterMs;
    this.#watching = deps.store.watch((session, revision) => {
      if (revision === undefined) this.#seen.delete(session);
      else this.#seen.set(session, { revision, sinceMs: deps.clock.nowMs() });
    });
    void this.#watching.catch((thrown: unknown) => this.#warn(thrown));
    this.#cancel = this.#again();
  }

  [Symbol.dispose](): void {
    this.#cancel();
    void this.#watching.then(
      (stop) => stop(),
      () => undefined,
    );
  }

  #again(): () => void {
    return this.#deps.clock.setTimer(lookEveryMs, () => {
      if (!this.#looking) void this.#look();
      this.#cancel = this.#again();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    const nowMs = this.#deps.clock.nowMs();
    for (const [session, { revision, sinceMs }] of [...this.#seen]) {
      if (nowMs - sinceMs < this.#afterMs) continue;
      await this.#conclude(session, revision).catch((thrown: unknown) => this.#warn(thrown));
    }
    this.#looking = false;
  }

  async #conclude(session: string, revision: number): Promise<void> {
    const { store, holds, onAbandoned } = this.#deps;
    const kept = await store.get(session);
    // Expired records are not told of.
    if (kept?.revision !== revision) return void (kept || this.#seen.delete(session));
    const record = fromBinary(SessionRecordSchema, kept.value);
    const owner = record.context?.owner ?? "";
    if (owner !== "" && (await holds(owner, session))) return;
    try {
      await store.update(session, toBinary(SessionRecordSchema, create(SessionRecordSchema)), revision);
    } catch (thrown) {
      if (isServiceError(thrown, "RECORD_CONFLICT")) return;
      throw thrown;
    }
    await store.delete(session);
    if (record.context) onAbandoned(record);
  }

  #warn(thrown: unknown): void {
    this.#deps.logger.warn({ reason: ServiceError.from(thrown).reason }, "abandoned sessions could not be looked for");
  }
}
