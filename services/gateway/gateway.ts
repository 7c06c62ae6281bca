import { create } from "@bufbuild/protobuf";
import type { Bus } from "@troupe/bus";
import { NoticeKind, NoticeSchema, SessionContextSchema, type SessionRecord, type Start } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Grants } from "@troupe/session";
import {
  createRegistry,
  keepLeases,
  type Logger,
  type OwnedSession,
  type Registry,
  type StageName,
  type StageSettings,
  stageNames,
} from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { EndpointPolicy, Vad } from "@troupe/vad";
import type { Principal } from "./access/principal.ts";
import { loadAvatarProfile } from "./admission/avatar-profile.ts";
import { createDemand } from "./admission/demand.ts";
import { checkStart, stageSettings } from "./admission/start-request.ts";
import { loadTenantSpeech } from "./admission/tenant-speech.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { AbandonedSessions } from "./records/abandoned-sessions.ts";
import { principalOf } from "./records/session-record.ts";
import { SessionRecords, unknownSession } from "./records/session-records.ts";
import type { Conversation } from "./session/conversation.ts";
import type { EndReason, LiveSession } from "./session/live-session.ts";
import { type OpenedSession, openSession, type SessionWanted } from "./session/open-session.ts";
import type { SessionTimes } from "./session/session-time.ts";
import type { TurnPolicy } from "./turn-taking/index.ts";

export interface GatewayDeps {
  readonly bus: Bus;
  readonly controlBus: Bus;
  readonly grants: Grants;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly vad: Vad;
  /** Wall clock, in milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

export interface GatewayOptions {
  readonly site: string;
  /** Unique in the site. */
  readonly gateway: string;
  readonly maxSessions: number;
  readonly avatarDir: string;
  /** Folder with one folder for each tenant. */
  readonly knowledgeDir: string;
  readonly defaultAvatar: string;
  readonly turnPolicy: TurnPolicy;
  readonly endpointPolicy: EndpointPolicy;
  /** How long a session waits for replicas that are still starting. */
  readonly replicaWaitMs: number;
  /** How long a session waits for a client that is gone. */
  readonly resumeWindowMs: number;
  /** Text of the visible label where a start names none. */
  readonly label?: string;
  /** How long a session may last, and be idle. */
  readonly times: SessionTimes;
}

export interface Gateway extends AsyncDisposable {
  readonly registry: Registry;
  readonly sessions: number;
  /**
   * Opens a session. Nobody is attached to it yet; it waits for the resume window.
   * @throws ServiceError NO_CAPACITY, DRAINING, NO_REPLICA, AVATAR_UNKNOWN, INVALID_REQUEST …
   */
  open(start: Start, principal: Principal): Promise<LiveSession>;
  /**
   * The session that a resume token belongs to.
   * @throws ServiceError SESSION_UNKNOWN where it is over, or the token is wrong
   */
  resume(token: string): Promise<LiveSession>;
  /** @throws ServiceError SESSION_UNKNOWN where there is none of that id in the principal's tenant */
  session(id: string, principal: Principal): LiveSession;
  /** Sessions of a tenant, oldest first. */
  list(tenant: string): readonly LiveSession[];
  /**
   * Tells of sessions of the whole site that ended without a gateway: theirs was killed, or handed them over, and nobody came back.
   * Of the gateways that are asked for it, one tells of each. Ends with the gateway.
   */
  followAbandoned(listener: (record: SessionRecord) => void): Promise<void>;
  /**
   * Takes no new sessions; resolves when the last one has ended. Those that still speak after `graceMs` are ended amid it: their
   * clients are told to come back where they know how to.
   */
  drain(graceMs: number): Promise<void>;
}

/** A record outlives the window, so that a client that comes back in its last moment finds it. */
const recordGraceMs = 30_000;
/** After the window, a session that no gateway has is over. */
const abandonedGraceMs = 10_000;

/** Owns sessions: admits them, binds them to replicas, keeps their leases, moves them when replicas leave. */
export function createGateway(deps: GatewayDeps, options: GatewayOptions): Gateway {
  const { bus, controlBus, clock, logger, grants, metrics } = deps;
  const registry = createRegistry(controlBus, options.site, clock);
  const owned = new Map<OwnedSession, Conversation | undefined>();
  const moving = new Set<string>();
  const followers: AbandonedSessions[] = [];
  let draining = false;
  let disposed = false;
  /** Admitted and not yet among the owned. */
  let opening = 0;

  const records = openRecords();
  const demand = createDemand({ bus: controlBus, clock }, { site: options.site, gateway: options.gateway }, () => owned.keys());
  const client = { bus: controlBus, site: options.site, grants, registry };
  const leases = keepLeases({ ...client, owner: options.gateway, clock }, owned, {
    onLost(session, binding) {
      const conversation = owned.get(session);
      conversation?.lost(binding);
      return conversation !== undefined;
    },
    onDraining: (session, binding) => void moveAway(session, binding.stage, binding.epoch),
  });

  /** Without a store the gateway works; its sessions end with it. */
  async function openRecords(): Promise<SessionRecords | undefined> {
    const { site, gateway: owner, resumeWindowMs } = options;
    const onYield = async (session: string) => await live(session)?.end("moved");
    try {
      const ttlMs = resumeWindowMs + recordGraceMs;
      const holds = (session: string) => live(session) !== undefined;
      return await SessionRecords.open({ bus: controlBus, clock, logger }, { site, owner, ttlMs, onYield, holds });
    } catch (thrown) {
      logger.warn({ reason: ServiceError.from(thrown).reason }, "sessions are not recorded: no other gateway can adopt them");
      return undefined;
    }
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

  function admit(): void {
    const refuse = (reason: "DRAINING" | "NO_CAPACITY", message: string) => {
      metrics.refusals.inc({ reason });
      throw new ServiceError(reason, message, { retryAfterMs: 1000 });
    };
    if (draining) refuse("DRAINING", "the gateway is leaving");
    if (owned.size + opening >= options.maxSessions) refuse("NO_CAPACITY", `the gateway serves ${options.maxSessions} sessions already`);
  }

  async function prepare(start: Start, avatar: string): Promise<StageSettings> {
    const profile = await loadAvatarProfile(options.avatarDir, avatar);
    const speech = await loadTenantSpeech(options.knowledgeDir, start.tenant);
    await registry.waitFor(stageNames, options.replicaWaitMs);
    return stageSettings(start, profile, speech, options.label);
  }

  const table = new Map<string, OpenedSession>();
  const adopting = new Map<string, Promise<LiveSession>>();
  const live = (id: string) => table.get(id)?.live;
  const opener = {
    bus,
    clock,
    logger,
    vad: deps.vad,
    utcNowMs: deps.utcNowMs,
    turnPolicy: options.turnPolicy,
    endpointPolicy: options.endpointPolicy,
    client: { ...client, owner: options.gateway },
    resumeWindowMs: options.resumeWindowMs,
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

  async function open(wanted: SessionWanted): Promise<LiveSession> {
    let stages: OwnedSession | undefined;
    try {
      const opened = await openSession({ ...opener, records: await records }, wanted, (ownedSession) => {
        stages = ownedSession;
        owned.set(ownedSession, undefined);
      });
      owned.set(opened.owned, opened.live.conversation);
      table.set(opened.live.id, opened);
      metrics.sessions.set(owned.size);
      return opened.live;
    } catch (thrown) {
      if (stages) owned.delete(stages);
      demand.refused(ServiceError.from(thrown));
      metrics.refusals.inc({ reason: ServiceError.from(thrown).reason });
      throw thrown;
    }
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

  async function adopt(token: string): Promise<LiveSession> {
    const kept = await records;
    if (!kept) throw unknownSession();
    return await admitted(async () => {
      const taken = await kept.take(token);
      const { context, start } = taken.record;
      if (!context || !start) throw unknownSession();
      const settings = await prepare(start, context.avatar);
      logger.info({ session: context.session }, "a session of another gateway is adopted");
      return { start, principal: principalOf(taken.record), context, settings, adopted: { taken, token } };
    });
  }

  /** Counts as opening until it is among the owned. */
  async function admitted(prepared: () => Promise<SessionWanted>): Promise<LiveSession> {
    admit();
    opening++;
    const wanted = await prepared().finally(() => {
      opening--;
    });
    return await open(wanted);
  }

  /** All clients of the session know how to come back, and another gateway can have it. */
  const mayHandOver = async (session: LiveSession) => (await records) !== undefined && session.resumable;

  /** Ends a session here; its clients are told to come back where they know how to. */
  async function leave(session: LiveSession): Promise<void> {
    if (await mayHandOver(session)) session.event({ case: "notice", value: create(NoticeSchema, { kind: NoticeKind.RECONNECT }) });
    await session.end("drained");
  }

  /** A silence is the time to leave. */
  async function leaveInSilence(session: LiveSession): Promise<void> {
    if (!session.conversation.speaking && (await mayHandOver(session))) await leave(session);
  }

  return {
    registry,
    get sessions() {
      return owned.size;
    },
    async open(start, principal) {
      checkStart(start);
      const { site, gateway: owner } = options;
      const avatar = start.avatar || options.defaultAvatar;
      return await admitted(async () => {
        const settings = await prepare(start, avatar);
        const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
        const context = create(SessionContextSchema, { site, tenant: start.tenant, session: crypto.randomUUID(), owner, avatar, seed });
        return { start, principal, context, settings };
      });
    },
    resume,
    session(id, { tenant }) {
      const session = live(id);
      if (session?.facts.principal.tenant !== tenant) throw unknownSession();
      return session;
    },
    async followAbandoned(listener) {
      const kept = await records;
      if (!kept || disposed) return;
      followers.push(kept.abandoned(options.resumeWindowMs + abandonedGraceMs, listener));
    },
    list: (tenant) => [...table.values()].map((opened) => opened.live).filter(({ facts }) => facts.principal.tenant === tenant),
    async drain(graceMs) {
      draining = true;
      const untilMs = clock.nowMs() + graceMs;
      while (owned.size > 0 && clock.nowMs() < untilMs) {
        await Promise.all([...table.values()].map((opened) => leaveInSilence(opened.live)));
        if (owned.size > 0) await clock.sleep(50);
      }
      await Promise.all([...table.values()].map((opened) => leave(opened.live)));
    },
    async [Symbol.asyncDispose]() {
      draining = true;
      disposed = true;
      for (const follower of followers) follower[Symbol.dispose]();
      demand[Symbol.dispose]();
      leases[Symbol.dispose]();
      await Promise.all([...table.values()].map((opened) => opened.live.end("drained")));
      await Promise.all([...owned.values()].map((conversation) => conversation?.close()));
      owned.clear();
      (await records)?.[Symbol.dispose]();
      registry[Symbol.dispose]();
    },
  };
}
