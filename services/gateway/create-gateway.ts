import { create } from "@bufbuild/protobuf";
import { type Announcement, type SessionContext, SessionContextSchema, type SessionRecord, type Start } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { closeBinding, createRegistry, keepLeases, type OwnedSession, type StageName, type StageSettings, stageNames } from "@troupe/stage";
import type { Principal } from "./access/principal.ts";
import { Admission } from "./admission/admission.ts";
import { followAllotments } from "./admission/allotments.ts";
import { loadAvatarProfile } from "./admission/avatar-profile.ts";
import { createDemand, type Demand } from "./admission/demand.ts";
import { hearOtherGateways } from "./admission/other-gateways.ts";
import { followRoutes } from "./admission/routes.ts";
import { type Seat, Seats } from "./admission/seats.ts";
import { checkStart, stageSettings } from "./admission/start-request.ts";
import { loadTenantSpeech } from "./admission/tenant-speech.ts";
import type { AbandonedListener, Gateway, GatewayDeps, GatewayOptions } from "./gateway.ts";
import type { OwnerHandlers } from "./records/owner-calls.ts";
import { principalOf, summaryOf } from "./records/session-record.ts";
import { SessionRecords, type TakenSession, unknownSession } from "./records/session-records.ts";
import { SiteSessions } from "./records/site-sessions.ts";
import type { Conversation } from "./session/conversation.ts";
import { leaveAll } from "./session/leave-all.ts";
import type { EndReason, LiveSession } from "./session/live-session.ts";
import { type OpenedSession, openSession, type SessionWanted } from "./session/open-session.ts";

/** A record outlives the window, so that a client that comes back in its last moment finds it. */
const recordGraceMs = 30_000;
/** After the window, a session that no gateway has is over. */
const abandonedGraceMs = 10_000;

/** Owns sessions: admits them, binds them to replicas, keeps their leases, moves them when replicas leave. */
export function createGateway(deps: GatewayDeps, options: GatewayOptions): Gateway {
  const { bus, controlBus, clock, logger, grants, metrics, utcNowMs } = deps;
  const { site, gateway: owner, maxSessions, resumeWindowMs } = options;
  const control = { bus: controlBus, clock, logger };
  const stack = new DisposableStack();
  const registry = stack.use(createRegistry(controlBus, site, clock));
  const routes = stack.use(followRoutes(control, site));
  const allotments = stack.use(followAllotments(control, site));
  const others = stack.use(hearOtherGateways(control, site, owner));
  const owned = new Map<OwnedSession, Conversation | undefined>();
  const table = new Map<string, OpenedSession>();
  const adopting = new Map<string, Promise<LiveSession>>();
  const moving = new Set<string>();
  const listeners = new Set<AbandonedListener>();
  let disposed = false;

  const live = (id: string) => table.get(id)?.live;
  const locals = () => [...table.values()].map((opened) => opened.live);
  const seats = new Seats(() => demand.changed());
  const demand: Demand = createDemand({ ...control, owned: () => owned.keys(), seats }, { site, gateway: owner });
  const admission = new Admission({ allotments, routes, others, seats, maxSessions });
  const client = { bus: controlBus, site, grants, registry, route: routes.choose };
  const leases = keepLeases({ ...client, owner, clock }, owned, {
    onLost(session, binding) {
      const conversation = owned.get(session);
      conversation?.lost(binding);
      return conversation !== undefined;
    },
    onDraining: (session, binding) => void moveAway(session, binding.stage, binding.epoch),
  });
  const records = openRecords();
  const directory = new SiteSessions({ owner, records, logger, utcNowMs, local: live, locals, onEnded: endedWithoutOwner });

  /** Without a store the gateway works; its sessions end with it. */
  async function openRecords(): Promise<SessionRecords | undefined> {
    try {
      return await SessionRecords.open(control, { site, owner, ttlMs: resumeWindowMs + recordGraceMs, handlers: ownerHandlers() });
    } catch (thrown) {
      logger.warn({ reason: ServiceError.from(thrown).reason }, "sessions are not recorded: no other gateway can adopt them");
      return undefined;
    }
  }

  /** What other gateways of the site ask about the sessions of this one. */
  function ownerHandlers(): OwnerHandlers {
    const openedHere = (session: string) => {
      const opened = table.get(session);
      if (!opened) throw unknownSession();
      return opened;
    };
    const summary = (opened: OpenedSession) => summaryOf(opened.live, opened.owned.context);
    return {
      yield: async (session) => await live(session)?.end("moved"),
      holds: (session) => live(session) !== undefined,
      report: async (session) => summary(openedHere(session)),
      async end(session) {
        const opened = openedHere(session);
        await opened.live.end("removed");
        return summary(opened);
      },
    };
  }

  /** A session that no gateway had is over: its replicas need not wait for an owner. */
  function endedWithoutOwner(record: SessionRecord): void {
    const { context, bindings } = record;
    for (const { stage, replica, epoch } of context ? bindings : []) {
      const known = stageNames.find((name) => name === stage);
      if (context && known) void closeBinding(client, context, { stage: known, replica, epoch, boot: "" }).catch(() => undefined);
    }
    for (const tell of listeners) tell(record, "removed");
  }

  /** A draining replica asks at every beat; the move is tried until it succeeds. */
  async function moveAway(session: OwnedSession, stage: StageName, epoch: number): Promise<void> {
    const key = `${session.context.session}/${stage}`;
    const conversation = owned.get(session);
    // A new presenter cannot go on amid a response: it waits for silence.
    if (stage === "compositor" && conversation?.speaking) return;
    if (!conversation || moving.has(key) || session.binding(stage)?.epoch !== epoch) return;
    moving.add(key);
    try {
      await conversation.move(stage);
    } catch (thrown) {
      logger.debug({ stage, reason: ServiceError.from(thrown).reason }, "a session could not be moved yet");
    } finally {
      moving.delete(key);
    }
  }

  const opener = {
    bus,
    clock,
    logger,
    vad: deps.vad,
    utcNowMs,
    turnPolicy: options.turnPolicy,
    endpointPolicy: options.endpointPolicy,
    client: { ...client, owner },
    resumeWindowMs,
    times: options.times,
    onSpeculation: (outcome: "committed" | "wasted") => metrics.speculations.inc({ outcome }),
    onStep: (step: number, reason: string) => metrics.outputSteps.inc({ step, reason }),
    onEnd({ live: ended, owned: stages }: OpenedSession, reason: EndReason) {
      if (live(ended.id) === ended) table.delete(ended.id);
      owned.delete(stages);
      metrics.sessions.set(owned.size);
      metrics.ended.inc({ reason });
    },
  };

  async function open(wanted: SessionWanted, seat: Seat): Promise<LiveSession> {
    let stages: OwnedSession | undefined;
    try {
      const opened = await openSession({ ...opener, records: await records }, wanted, (ownedSession) => {
        stages = ownedSession;
        owned.set(ownedSession, undefined);
      });
      owned.set(opened.owned, opened.live.conversation);
      table.set(opened.live.id, opened);
      metrics.sessions.set(owned.size);
      void opened.live.ended.then(() => seat.leave());
      return opened.live;
    } catch (thrown) {
      if (stages) owned.delete(stages);
      throw thrown;
    }
  }

  /** A session has its seat from its admission to its end. What is refused is counted here, once. */
  async function seated<Admitted extends { readonly seat: Seat }>(
    kind: "new" | "adopted",
    tenant: string,
    admit: () => Promise<Admitted>,
    prepared: (admitted: Admitted) => Promise<SessionWanted>,
  ): Promise<LiveSession> {
    let seat: Seat | undefined;
    try {
      const admitted = await admit();
      seat = admitted.seat;
      const session = await open(await prepared(admitted), seat);
      metrics.opened.inc({ kind });
      return session;
    } catch (thrown) {
      seat?.leave();
      const error = ServiceError.from(thrown);
      // Nobody's session is nobody's demand.
      if (error.reason === "SESSION_UNKNOWN") throw thrown;
      demand.refused(error, { tenant: seat?.tenant ?? tenant, pipeline: seat?.pipeline ?? error.metadata["pipeline"] ?? "" });
      metrics.refusals.inc({ reason: error.reason });
      throw thrown;
    }
  }

  async function prepare(start: Start, context: SessionContext): Promise<StageSettings> {
    const profile = await loadAvatarProfile(options.avatarDir, context.avatar);
    const speech = await loadTenantSpeech(options.knowledgeDir, start.tenant);
    const serving = (stage: StageName, replicas: readonly Announcement[]) => routes.choose(context, stage, replicas);
    await registry.waitFor(stageNames, options.replicaWaitMs, serving);
    return stageSettings(start, profile, speech, options.label);
  }

  async function openNew(start: Start, principal: Principal): Promise<LiveSession> {
    const { tenant } = start;
    const avatar = start.avatar || options.defaultAvatar;
    const admit = async () => {
      checkStart(start);
      return { seat: await admission.admit(start) };
    };
    return await seated("new", tenant, admit, async ({ seat: { pipeline } }) => {
      const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
      const context = create(SessionContextSchema, { site, tenant, session: crypto.randomUUID(), owner, avatar, seed, pipeline });
      return { start, principal, context, settings: await prepare(start, context) };
    });
  }

  async function adopt(token: string): Promise<LiveSession> {
    const kept = await records;
    if (!kept) throw unknownSession();
    const take = async () => {
      admission.checkRoom();
      const taken = await kept.take(token);
      return { taken, seat: await admission.adopt(contextOf(taken)) };
    };
    return await seated("adopted", "", take, async ({ taken }) => {
      const { start } = taken.record;
      if (!start) throw unknownSession();
      const context = contextOf(taken);
      const settings = await prepare(start, context);
      logger.info({ session: context.session }, "a session of another gateway is adopted");
      return { start, principal: principalOf(taken.record), context, settings, adopted: { taken, token } };
    });
  }

  /** Two connections of one client may come at once: WHIP and WHEP. */
  async function resume(token: string): Promise<LiveSession> {
    const id = token.split(".")[0] ?? "";
    const running = live(id) ?? adopting.get(id);
    if (running) {
      const session = await running;
      if (!session.admits(token)) throw unknownSession();
      return session;
    }
    const adopted = adopt(token).finally(() => adopting.delete(id));
    adopting.set(id, adopted);
    return await adopted;
  }

  return {
    registry,
    directory,
    get sessions() {
      return owned.size;
    },
    open: openNew,
    resume,
    session(id, { tenant }) {
      const session = live(id);
      if (session?.facts.principal.tenant !== tenant) throw unknownSession();
      return session;
    },
    async followAbandoned(listener) {
      const kept = await records;
      if (!kept || disposed) return;
      listeners.add(listener);
      stack.use(kept.abandoned(resumeWindowMs + abandonedGraceMs, (record) => listener(record, "lost")));
    },
    list: (tenant) => locals().filter(({ facts }) => facts.principal.tenant === tenant),
    async drain(graceMs) {
      admission.close();
      const recorded = (await records) !== undefined;
      await leaveAll(clock, locals, { busy: () => owned.size > 0, recorded, graceMs });
    },
    async [Symbol.asyncDispose]() {
      admission.close();
      disposed = true;
      demand[Symbol.dispose]();
      leases[Symbol.dispose]();
      await Promise.all(locals().map((session) => session.end("drained")));
      await Promise.all([...owned.values()].map((conversation) => conversation?.close()));
      owned.clear();
      (await records)?.[Symbol.dispose]();
      stack.dispose();
    },
  };
}

/** @throws ServiceError SESSION_UNKNOWN */
function contextOf({ record }: TakenSession): SessionContext {
  if (!record.context) throw unknownSession();
  return record.context;
}
