import type { SessionRecord } from "@troupe/contracts";
import { isServiceError, ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Principal } from "../access/principal.ts";
import type { LiveSession } from "../session/live-session.ts";
import { SessionIndex } from "./session-index.ts";
import { type KeptRecord, type SessionRecords, unknownSession } from "./session-records.ts";
import { checkKnown, recordedReport, reportOf, type SessionReport } from "./session-report.ts";

/** The sessions of a site, whichever gateway has them. */
export interface SessionDirectory {
  /** @throws ServiceError SESSION_UNKNOWN, also where it is another tenant's; STORE_UNAVAILABLE */
  find(id: string, caller: Principal): Promise<SessionReport>;
  /** Ends it, at its gateway if that one lives. @throws ServiceError SESSION_UNKNOWN, STORE_UNAVAILABLE */
  end(id: string, caller: Principal): Promise<SessionReport>;
  /**
   * Sessions of a tenant in the order in which they were opened; those of other gateways as their records have them.
   * @throws ServiceError STORE_UNAVAILABLE
   */
  page(tenant: string, wanted: PageWanted): Promise<SessionPage>;
}

export interface PageWanted {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface SessionPage {
  readonly sessions: readonly SessionReport[];
  /** Undefined: there are no more. */
  readonly next: string | undefined;
}

export interface SiteSessionsDeps {
  /** This gateway. */
  readonly owner: string;
  /** Undefined: it keeps no records, and knows only its own sessions. */
  readonly records: Promise<SessionRecords | undefined>;
  readonly logger: Logger;
  /** Wall clock, in milliseconds since 1970. */
  readonly utcNowMs: () => number;
  /** A session of this gateway. */
  readonly local: (id: string) => LiveSession | undefined;
  readonly locals: () => readonly LiveSession[];
  /** A session that no gateway had was ended here: what its replicas keep of it can go. */
  readonly onEnded: (record: SessionRecord) => void;
}

/** Somebody else changes the session at the same moment: it is looked for again. */
const maxLooks = 4;
/** An owner writes each 5 s at least. */
const silentMs = 12_000;
/** The owner has no answer: it is gone, or lets go of the session at this moment. */
const ownerAway = ["NO_RESPONDERS", "DEADLINE", "SESSION_UNKNOWN"] as const;

export class SiteSessions implements SessionDirectory {
  readonly #deps: SiteSessionsDeps;
  readonly #index = new SessionIndex();

  constructor(deps: SiteSessionsDeps) {
    this.#deps = deps;
  }

  async find(id: string, caller: Principal): Promise<SessionReport> {
    const live = this.#deps.local(id);
    if (live) return known(reportOf(live), caller);
    const records = await this.#deps.records;
    const kept = await this.#kept(records, id, caller);
    const told = await this.#fromOwner(kept, (owner) => records?.owners.report(owner, id));
    return told ? known(this.#reported(told), caller) : this.#reported(kept.record, 0);
  }

  async end(id: string, caller: Principal): Promise<SessionReport> {
    const records = await this.#deps.records;
    for (let look = 1; look <= maxLooks; look++) {
      const ended = await this.#endOnce(records, id, caller);
      if (ended) return ended;
    }
    throw new ServiceError("RECORD_CONFLICT", "the session is being handed over: try again", { retryAfterMs: 1000 });
  }

  /** @returns undefined where somebody changed the session meanwhile */
  async #endOnce(records: SessionRecords | undefined, id: string, caller: Principal): Promise<SessionReport | undefined> {
    const live = this.#deps.local(id);
    if (live) {
      known(reportOf(live), caller);
      await live.end("removed");
      return reportOf(live);
    }
    const kept = await this.#kept(records, id, caller);
    const told = await this.#fromOwner(kept, (owner) => records?.owners.end(owner, id));
    if (told) return this.#reported(told);
    if (!(await records?.conclude(kept))) return undefined;
    this.#deps.onEnded(kept.record);
    return this.#reported(kept.record, 0);
  }

  async page(tenant: string, { limit, after = "" }: PageWanted): Promise<SessionPage> {
    const records = await this.#deps.records;
    const local = new Map(this.#deps.locals().map((live) => [live.id, live]));
    const own = [...local.values()].map(({ id, facts }) => ({ id, tenant: facts.principal.tenant, openedUnixMs: facts.openedUnixMs }));
    const others = records ? (await this.#index.refresh(records)).filter(({ id }) => !local.has(id)) : [];
    const ordered = [...own, ...others]
      .filter((one) => one.tenant === tenant)
      .map(({ id, openedUnixMs }) => ({ id, cursor: cursorOf(id, openedUnixMs) }))
      .filter(({ cursor }) => cursor > after)
      .sort((a, b) => (a.cursor < b.cursor ? -1 : 1));
    const found: SessionReport[] = [];
    // Some are over by the time that they are looked at.
    while (found.length <= limit && ordered.length > 0) {
      const batch = ordered.splice(0, limit + 1 - found.length);
      const seen = await Promise.all(batch.map(({ id }) => this.#seen(records, id, local.get(id))));
      found.push(...seen.filter((report) => report !== undefined));
    }
    const sessions = found.slice(0, limit);
    const last = sessions.at(-1);
    return { sessions, next: found.length > limit && last ? cursorOf(last.id, last.openedUnixMs) : undefined };
  }

  async #seen(records: SessionRecords | undefined, id: string, live: LiveSession | undefined): Promise<SessionReport | undefined> {
    if (live) return reportOf(live);
    const kept = await records?.find(id);
    return kept && this.#reported(kept.record, kept.ageMs > silentMs ? 0 : kept.record.connections);
  }

  async #kept(records: SessionRecords | undefined, id: string, caller: Principal): Promise<KeptRecord> {
    const kept = await records?.find(id);
    if (!kept) throw unknownSession();
    known(this.#reported(kept.record), caller);
    return kept;
  }

  /** @returns undefined where no other gateway has the session */
  async #fromOwner(
    { record, session }: KeptRecord,
    ask: (owner: string) => Promise<SessionRecord> | undefined,
  ): Promise<SessionRecord | undefined> {
    const owner = record.context?.owner ?? "";
    if (owner === "" || owner === this.#deps.owner) return undefined;
    try {
      return await ask(owner);
    } catch (thrown) {
      if (!ownerAway.some((reason) => isServiceError(thrown, reason))) throw thrown;
      this.#deps.logger.info({ session, owner, reason: thrown instanceof ServiceError ? thrown.reason : "" }, "an owner did not answer");
      return undefined;
    }
  }

  #reported(record: SessionRecord, connections?: number): SessionReport {
    return recordedReport(record, this.#deps.utcNowMs(), connections);
  }
}

function known(report: SessionReport, caller: Principal): SessionReport {
  checkKnown(report, caller);
  return report;
}

/** A page goes on by when its last session began, so that it does not matter whether that one still runs. */
const cursorOf = (id: string, openedUnixMs: number): string => `${String(Math.round(openedUnixMs)).padStart(14, "0")}.${id}`;
