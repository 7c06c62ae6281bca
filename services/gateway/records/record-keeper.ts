import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { KeyValueStore } from "@troupe/bus";
import { type SessionRecord, SessionRecordSchema } from "@troupe/contracts";
import { isServiceError, ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";

export interface RecordKeeperDeps {
  /** Who keeps the record. */
  readonly owner: string;
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Another gateway has taken the session. */
  readonly onTaken: () => void;
}

/** A change is written within this time; changes meanwhile are written with it. */
const writeIntervalMs = 250;
/** Written at least so often, so that it does not expire. */
const refreshMs = 5_000;

/** Keeps the record of one session as it changes: one write at a time, each replacing the one before and nobody else's. */
export class RecordKeeper {
  readonly #deps: RecordKeeperDeps;
  readonly #key: string;
  readonly #read: () => SessionRecord;
  #revision: number;
  #work: Promise<void> = Promise.resolve();
  #cancelTimer: () => void;
  #changed = false;
  #writtenMs: number;
  #closed = false;

  /** @param revision of the record as it stands */
  constructor(deps: RecordKeeperDeps, key: string, read: () => SessionRecord, revision: number) {
    this.#deps = deps;
    this.#key = key;
    this.#read = read;
    this.#revision = revision;
    this.#writtenMs = deps.clock.nowMs();
    this.#cancelTimer = this.#again();
  }

  changed(): void {
    this.#changed = true;
  }

  /** Writes the record a last time, for whoever takes the session. */
  async release(last: SessionRecord): Promise<void> {
    this.#stop();
    this.#work = this.#work.then(() => this.#write(last));
    await this.#work;
  }

  /** The session is over. @returns false where another gateway has taken it: there it goes on */
  async remove(): Promise<boolean> {
    this.#stop();
    await this.#work;
    try {
      const over = await this.#close();
      if (over) await this.#deps.store.delete(this.#key);
      return over;
    } catch (thrown) {
      this.#warn(thrown);
      return true;
    }
  }

  /** Somebody else keeps it now. */
  abandon(): void {
    this.#stop();
  }

  /** Replaces the record by an empty one, which nobody can take. @returns false where it is another gateway's */
  async #close(): Promise<boolean> {
    const closed = toBinary(SessionRecordSchema, create(SessionRecordSchema));
    for (;;) {
      try {
        await this.#deps.store.update(this.#key, closed, this.#revision);
        return true;
      } catch (thrown) {
        if (!isServiceError(thrown, "RECORD_CONFLICT")) throw thrown;
        const kept = await this.#kept();
        if (kept === undefined || kept === "unknown") return true;
        if (kept.owner !== this.#deps.owner || kept.revision === this.#revision) return false;
        this.#revision = kept.revision;
      }
    }
  }

  #again(): () => void {
    return this.#deps.clock.setTimer(writeIntervalMs, () => {
      if (this.#closed) return;
      const due = this.#changed || this.#deps.clock.nowMs() - this.#writtenMs >= refreshMs;
      if (due) this.#work = this.#work.then(() => (this.#closed ? undefined : this.#write(this.#read())));
      this.#cancelTimer = this.#again();
    });
  }

  async #write(record: SessionRecord): Promise<void> {
    this.#changed = false;
    this.#writtenMs = this.#deps.clock.nowMs();
    try {
      this.#revision = await this.#deps.store.update(this.#key, toBinary(SessionRecordSchema, record), this.#revision);
    } catch (thrown) {
      if (isServiceError(thrown, "RECORD_CONFLICT")) await this.#conflict(record);
      else {
        this.#changed = true;
        this.#warn(thrown);
      }
    }
  }

  /** An update whose answer was lost looks like a conflict: only a record of another owner is one. */
  async #conflict(record: SessionRecord): Promise<void> {
    const kept = await this.#kept();
    if (kept === "unknown") {
      this.#changed = true;
      return;
    }
    if (kept === undefined) return await this.#createAgain(record);
    if (kept.owner === this.#deps.owner) {
      this.#revision = kept.revision;
      if (this.#closed) await this.#write(record);
      else this.#changed = true;
      return;
    }
    if (this.#closed) return;
    this.#stop();
    this.#deps.onTaken();
  }

  /** Whose record there is; "unknown" while the store does not answer. */
  async #kept(): Promise<{ readonly owner: string; readonly revision: number } | undefined | "unknown"> {
    try {
      const kept = await this.#deps.store.get(this.#key);
      return kept && { owner: fromBinary(SessionRecordSchema, kept.value).context?.owner ?? "", revision: kept.revision };
    } catch {
      return "unknown";
    }
  }

  /** The store lost it. */
  async #createAgain(record: SessionRecord): Promise<void> {
    if (this.#closed) return;
    try {
      this.#revision = await this.#deps.store.create(this.#key, toBinary(SessionRecordSchema, record));
    } catch (thrown) {
      this.#changed = true;
      this.#warn(thrown);
    }
  }

  #stop(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  #warn(thrown: unknown): void {
    this.#deps.logger.warn({ reason: ServiceError.from(thrown).reason }, "a session record could not be written");
  }
}
