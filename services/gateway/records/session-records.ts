import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Bus, KeyValueStore } from "@troupe/bus";
import { type SessionRecord, SessionRecordSchema } from "@troupe/contracts";
import { isServiceError, ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { AbandonedSessions } from "./abandoned-sessions.ts";
import { OwnerCalls, type OwnerHandlers, serveOwner } from "./owner-calls.ts";
import { RecordKeeper } from "./record-keeper.ts";
import { hashToken } from "./session-record.ts";

export interface SessionRecordsDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SessionRecordsOptions {
  readonly site: string;
  /** This gateway. */
  readonly owner: string;
  /** A record that nobody writes for so long is dropped: its session cannot be resumed any more. */
  readonly ttlMs: number;
  /** What this gateway answers about its own sessions. */
  readonly handlers: OwnerHandlers;
}

export interface TakenSession {
  readonly record: SessionRecord;
  /** Keeps it from now on. */
  keep(read: () => SessionRecord, onTaken: () => void): RecordKeeper;
}

/** A record as it stands. */
export interface KeptRecord {
  readonly session: string;
  readonly record: SessionRecord;
  readonly revision: number;
  /** How long ago it was written. */
  readonly ageMs: number;
}

const bucketOf = (site: string) => `troupe-sessions-${site}`;
const sessionId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const unknownSession = () => new ServiceError("SESSION_UNKNOWN", "there is no such session, or it is over");

/** The records of a site's sessions: who owns which, and what another gateway needs to go on. One owner at a time, by compare-and-set. */
export class SessionRecords implements Disposable {
  /** The gateways of the site, which own sessions. */
  readonly owners: OwnerCalls;
  readonly #deps: SessionRecordsDeps;
  readonly #options: SessionRecordsOptions;
  readonly #store: KeyValueStore;
  readonly #served: Disposable;

  private constructor(deps: SessionRecordsDeps, options: SessionRecordsOptions, store: KeyValueStore) {
    this.#deps = deps;
    this.#options = options;
    this.#store = store;
    this.owners = new OwnerCalls(deps.bus, options.site);
    this.#served = serveOwner(deps.bus, options.site, options.owner, options.handlers);
  }

  /** @throws ServiceError STORE_UNAVAILABLE */
  static async open(deps: SessionRecordsDeps, options: SessionRecordsOptions): Promise<SessionRecords> {
    return new SessionRecords(deps, options, await deps.bus.keyValue(bucketOf(options.site), { ttlMs: options.ttlMs }));
  }

  /** Begins the record of a new session. */
  async create(session: string, read: () => SessionRecord, onTaken: () => void): Promise<RecordKeeper> {
    const revision = await this.#store.create(session, toBinary(SessionRecordSchema, read()));
    return this.#keeper(session, read, onTaken, revision);
  }

  /**
   * Makes this gateway the owner of the session that a resume token belongs to; an owner that still lives lets go of it first.
   * @throws ServiceError SESSION_UNKNOWN; RECORD_CONFLICT where another gateway takes it at the same time
   */
  async take(token: string): Promise<TakenSession> {
    const session = token.split(".")[0] ?? "";
    const seen = await this.#shown(session, token);
    const owner = seen.record.context?.owner ?? "";
    if (owner !== "" && owner !== this.#options.owner) await this.#askToYield(owner, session);
    const { record, revision } = await this.#shown(session, token);
    if (!record.context) throw unknownSession();
    const taken = { ...record, context: { ...record.context, owner: this.#options.owner } };
    const next = await this.#store.update(session, toBinary(SessionRecordSchema, taken), revision);
    return { record: taken, keep: (read, onTaken) => this.#keeper(session, read, onTaken, next) };
  }

  /** Looks for sessions of any gateway that are over without having been ended. @param afterMs that their records were not written */
  abandoned(afterMs: number, onAbandoned: (record: SessionRecord) => void): AbandonedSessions {
    const { clock, logger } = this.#deps;
    const holds = (owner: string, session: string) => this.owners.holds(owner, session).catch(() => false);
    return new AbandonedSessions({ clock, logger, store: this.#store, holds, onAbandoned }, afterMs);
  }

  /** The record of a session that is not over. @throws ServiceError STORE_UNAVAILABLE */
  async find(session: string): Promise<KeptRecord | undefined> {
    if (!sessionId.test(session)) return undefined;
    const kept = await this.#store.get(session);
    if (!kept) return undefined;
    const { value, revision, ageMs } = kept;
    const record = fromBinary(SessionRecordSchema, value);
    return record.context && { session, record, revision, ageMs };
  }

  /** Ids of sessions that have a record. @throws ServiceError STORE_UNAVAILABLE */
  async ids(): Promise<readonly string[]> {
    return await this.#store.keys();
  }

  /**
   * Ends a session that no gateway has. The empty record stays until it expires: an owner that was only slow finds it, and cannot take
   * its lack for a loss.
   * @returns false where somebody has changed the record meanwhile
   */
  async conclude({ session, revision }: KeptRecord): Promise<boolean> {
    try {
      await this.#store.update(session, toBinary(SessionRecordSchema, create(SessionRecordSchema)), revision);
      return true;
    } catch (thrown) {
      if (isServiceError(thrown, "RECORD_CONFLICT")) return false;
      throw thrown;
    }
  }

  [Symbol.dispose](): void {
    this.#served[Symbol.dispose]();
  }

  async #shown(session: string, token: string): Promise<KeptRecord> {
    const kept = await this.find(session);
    if (!kept || Buffer.compare(hashToken(token), kept.record.resumeTokenHash) !== 0) throw unknownSession();
    return kept;
  }

  async #askToYield(owner: string, session: string): Promise<void> {
    await this.owners
      .yield(owner, session)
      .catch((thrown: unknown) => this.#deps.logger.info({ owner, reason: ServiceError.from(thrown).reason }, "an owner did not yield"));
  }

  #keeper(session: string, read: () => SessionRecord, onTaken: () => void, revision: number): RecordKeeper {
    const { clock, logger } = this.#deps;
    return new RecordKeeper({ store: this.#store, clock, logger, onTaken, owner: this.#options.owner }, session, read, revision);
  }
}
