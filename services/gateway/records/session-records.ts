import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject, type KeyValueStore, type Subscription, serve } from "@troupe/bus";
import { type SessionRecord, SessionRecordSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { AbandonedSessions } from "./abandoned-sessions.ts";
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
  /** Another gateway asks for the session: ends it here without its record, after a last write. */
  readonly onYield: (session: string) => Promise<void>;
  /** Whether this gateway has the session. */
  readonly holds: (session: string) => boolean;
}

export interface TakenSession {
  readonly record: SessionRecord;
  /** Keeps it from now on. */
  keep(read: () => SessionRecord, onTaken: () => void): RecordKeeper;
}

const bucketOf = (site: string) => `troupe-sessions-${site}`;
/** A gateway that lives answers sooner; one that does not has no say. */
const yieldTimeoutMs = 1000;
const sessionId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const unknownSession = () => new ServiceError("SESSION_UNKNOWN", "there is no such session, or it is over");

/** The records of a site's sessions: who owns which, and what another gateway needs to go on. One owner at a time, by compare-and-set. */
export class SessionRecords implements Disposable {
  readonly #deps: SessionRecordsDeps;
  readonly #options: SessionRecordsOptions;
  readonly #store: KeyValueStore;
  readonly #served: readonly Subscription[];

  private constructor(deps: SessionRecordsDeps, options: SessionRecordsOptions, store: KeyValueStore) {
    this.#deps = deps;
    this.#options = options;
    this.#store = store;
    const answer = (what: string, to: (session: string) => Promise<Uint8Array>) =>
      serve(deps.bus, infrastructureSubject(options.site, "owner", options.owner, what), ({ data }) => to(new TextDecoder().decode(data)));
    this.#served = [
      answer("yield", async (session) => {
        await options.onYield(session);
        return new Uint8Array();
      }),
      answer("holds", async (session) => Uint8Array.of(options.holds(session) ? 1 : 0)),
    ];
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
    if (!sessionId.test(session)) throw unknownSession();
    const seen = await this.#read(session, token);
    const owner = seen.record.context?.owner ?? "";
    if (owner !== "" && owner !== this.#options.owner) await this.#askToYield(owner, session);
    const { record, revision } = await this.#read(session, token);
    if (!record.context) throw unknownSession();
    const taken = { ...record, context: { ...record.context, owner: this.#options.owner } };
    const next = await this.#store.update(session, toBinary(SessionRecordSchema, taken), revision);
    return { record: taken, keep: (read, onTaken) => this.#keeper(session, read, onTaken, next) };
  }

  /** Looks for sessions of any gateway that are over without having been ended. @param afterMs that their records were not written */
  abandoned(afterMs: number, onAbandoned: (record: SessionRecord) => void): AbandonedSessions {
    const { bus, clock, logger } = this.#deps;
    const holds = async (owner: string, session: string) => {
      const subject = infrastructureSubject(this.#options.site, "owner", owner, "holds");
      const answer = await bus.request(subject, new TextEncoder().encode(session), { timeoutMs: yieldTimeoutMs }).catch(() => undefined);
      return answer?.data[0] === 1;
    };
    return new AbandonedSessions({ clock, logger, store: this.#store, holds, onAbandoned }, afterMs);
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#served) subscription.close();
  }

  async #read(session: string, token: string): Promise<{ record: SessionRecord; revision: number }> {
    const kept = await this.#store.get(session);
    if (!kept) throw unknownSession();
    const record = fromBinary(SessionRecordSchema, kept.value);
    if (Buffer.compare(hashToken(token), record.resumeTokenHash) !== 0) throw unknownSession();
    return { record, revision: kept.revision };
  }

  async #askToYield(owner: string, session: string): Promise<void> {
    const subject = infrastructureSubject(this.#options.site, "owner", owner, "yield");
    await this.#deps.bus
      .request(subject, new TextEncoder().encode(session), { timeoutMs: yieldTimeoutMs })
      .catch((thrown: unknown) => this.#deps.logger.info({ owner, reason: ServiceError.from(thrown).reason }, "an owner did not yield"));
  }

  #keeper(session: string, read: () => SessionRecord, onTaken: () => void, revision: number): RecordKeeper {
    const { clock, logger } = this.#deps;
    return new RecordKeeper({ store: this.#store, clock, logger, onTaken, owner: this.#options.owner }, session, read, revision);
  }
}
