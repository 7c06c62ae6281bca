import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject, serve } from "@troupe/bus";
import { type SessionRecord, SessionRecordSchema } from "@troupe/contracts";

/** What other gateways of the site ask of the owner of a session. */
export interface OwnerHandlers {
  /** Another gateway takes the session: ends it here after a last write of its record. */
  readonly yield: (session: string) => Promise<void>;
  /** Whether this gateway has it. */
  readonly holds: (session: string) => boolean;
  /** What is told of it now. @throws ServiceError SESSION_UNKNOWN */
  readonly report: (session: string) => Promise<SessionRecord>;
  /** Ends it for good. @returns what is told of it @throws ServiceError SESSION_UNKNOWN */
  readonly end: (session: string) => Promise<SessionRecord>;
}

/** A gateway that lives answers sooner; one that does not has no say. */
const answerTimeoutMs = 1000;
/** The stages of a session that ends are let go first. */
const endTimeoutMs = 3000;

const subjectOf = (site: string, owner: string, what: keyof OwnerHandlers) => infrastructureSubject(site, "owner", owner, what);

/** Answers for the sessions that this gateway owns. */
export function serveOwner(bus: Bus, site: string, owner: string, handlers: OwnerHandlers): Disposable {
  const answer = (what: keyof OwnerHandlers, to: (session: string) => Promise<Uint8Array>) =>
    serve(bus, subjectOf(site, owner, what), ({ data }) => to(new TextDecoder().decode(data)));
  const served = [
    answer("yield", async (session) => {
      await handlers.yield(session);
      return new Uint8Array();
    }),
    answer("holds", async (session) => Uint8Array.of(handlers.holds(session) ? 1 : 0)),
    answer("report", async (session) => toBinary(SessionRecordSchema, await handlers.report(session))),
    answer("end", async (session) => toBinary(SessionRecordSchema, await handlers.end(session))),
  ];
  return {
    [Symbol.dispose]() {
      for (const subscription of served) subscription.close();
    },
  };
}

/** Asks the gateways that own sessions. All of it throws ServiceError NO_RESPONDERS, DEADLINE, or what the owner threw. */
export class OwnerCalls {
  readonly #bus: Bus;
  readonly #site: string;

  constructor(bus: Bus, site: string) {
    this.#bus = bus;
    this.#site = site;
  }

  async yield(owner: string, session: string): Promise<void> {
    await this.#ask(owner, session, "yield");
  }

  async holds(owner: string, session: string): Promise<boolean> {
    return (await this.#ask(owner, session, "holds"))[0] === 1;
  }

  async report(owner: string, session: string): Promise<SessionRecord> {
    return fromBinary(SessionRecordSchema, await this.#ask(owner, session, "report"));
  }

  async end(owner: string, session: string): Promise<SessionRecord> {
    return fromBinary(SessionRecordSchema, await this.#ask(owner, session, "end", endTimeoutMs));
  }

  async #ask(owner: string, session: string, what: keyof OwnerHandlers, timeoutMs = answerTimeoutMs): Promise<Uint8Array> {
    const subject = subjectOf(this.#site, owner, what);
    return (await this.#bus.request(subject, new TextEncoder().encode(session), { timeoutMs })).data;
  }
}
