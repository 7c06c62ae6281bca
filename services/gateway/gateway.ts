import { create } from "@bufbuild/protobuf";
import type { Bus } from "@troupe/bus";
import { type OutputSettings, OutputSettingsSchema, type Start } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Grants } from "@troupe/session";
import {
  createRegistry,
  keepLeases,
  type Logger,
  OwnedSession,
  type Registry,
  type StageName,
  type StageSettings,
  stageNames,
} from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { EndpointPolicy, Vad } from "@troupe/vad";
import type { Principal } from "./access/principal.ts";
import { loadAvatarProfile } from "./admission/avatar-profile.ts";
import { checkStart, stageSettings } from "./admission/start-request.ts";
import { loadTenantSpeech } from "./admission/tenant-speech.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { Conversation } from "./session/conversation.ts";
import { type EndReason, LiveSession } from "./session/live-session.ts";
import type { TurnPolicy } from "./turn-taking/index.ts";

export interface GatewayDeps {
  readonly bus: Bus;
  readonly controlBus: Bus;
  readonly grants: Grants;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly vad: Vad;
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
  /** Takes no new sessions; resolves when the last one has ended or after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** Owns sessions: admits them, binds them to replicas, keeps their leases, moves them when replicas leave. */
export function createGateway(deps: GatewayDeps, options: GatewayOptions): Gateway {
  const { bus, controlBus, clock, logger, grants, metrics } = deps;
  const registry = createRegistry(controlBus, options.site, clock);
  const owned = new Map<OwnedSession, Conversation | undefined>();
  const live = new Map<string, LiveSession>();
  const moving = new Set<string>();
  let draining = false;
  /** Admitted and not yet among the owned. */
  let opening = 0;

  const client = { bus: controlBus, site: options.site, grants, registry };
  const leases = keepLeases({ ...client, owner: options.gateway, clock }, owned, {
    onLost(session, binding) {
      const conversation = owned.get(session);
      conversation?.lost(binding);
      return conversation !== undefined;
    },
    onDraining: (session, binding) => void moveAway(session, binding.stage, binding.epoch),
  });

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
    return stageSettings(start, profile, speech);
  }

  async function end(session: LiveSession, ownedSession: OwnedSession, reason: EndReason): Promise<void> {
    live.delete(session.id);
    owned.delete(ownedSession);
    metrics.sessions.set(owned.size);
    metrics.ended.inc({ reason });
    await session.conversation.close();
  }

  return {
    registry,
    get sessions() {
      return owned.size;
    },
    async open(start, principal) {
      checkStart(start);
      admit();
      const avatar = start.avatar || options.defaultAvatar;
      opening++;
      const settings = await prepare(start, avatar).finally(() => {
        opening--;
      });
      const session = crypto.randomUUID();
      const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
      const { site, gateway: owner, turnPolicy, endpointPolicy, resumeWindowMs } = options;
      const context = { $typeName: "troupe.session.v1.SessionContext" as const, site, tenant: start.tenant, session, owner, avatar, seed };
      const ownedSession = new OwnedSession({ ...client, owner }, context, settings);
      const output = outputOf(settings);
      const label = settings.compositor.case === "presentation" ? settings.compositor.value.label : "";
      const onEnd = (ended: LiveSession, reason: EndReason) => end(ended, ownedSession, reason);
      const facts = { id: session, principal, avatar, seed, label, output, resumeWindowMs };
      const liveSession = new LiveSession({ clock, onEnd }, facts);
      owned.set(ownedSession, undefined);
      try {
        const conversation = await Conversation.open({
          owned: ownedSession,
          bus,
          clock,
          logger,
          vad: deps.vad,
          turnPolicy,
          endpointPolicy,
          sampleRateHz: start.sampleRateHz || 16_000,
          language: start.language,
          emit: (event) => liveSession.event(event),
        });
        owned.set(ownedSession, conversation);
        live.set(session, liveSession);
        liveSession.begin(conversation);
        metrics.sessions.set(owned.size);
        return liveSession;
      } catch (thrown) {
        owned.delete(ownedSession);
        metrics.refusals.inc({ reason: ServiceError.from(thrown).reason });
        throw thrown;
      }
    },
    async resume(token) {
      const session = live.get(token.split(".")[0] ?? "");
      if (!session?.admits(token)) throw unknownSession();
      return session;
    },
    session(id, { tenant }) {
      const session = live.get(id);
      if (session?.facts.principal.tenant !== tenant) throw unknownSession();
      return session;
    },
    list: (tenant) => [...live.values()].filter(({ facts }) => facts.principal.tenant === tenant),
    async drain(graceMs) {
      draining = true;
      const untilMs = clock.nowMs() + graceMs;
      while (owned.size > 0 && clock.nowMs() < untilMs) await clock.sleep(50);
    },
    async [Symbol.asyncDispose]() {
      draining = true;
      leases[Symbol.dispose]();
      await Promise.all([...live.values()].map((session) => session.end("drained")));
      await Promise.all([...owned.values()].map((conversation) => conversation?.close()));
      owned.clear();
      registry[Symbol.dispose]();
    },
  };
}

const unknownSession = () => new ServiceError("SESSION_UNKNOWN", "there is no such session, or it is over");

function outputOf({ compositor }: StageSettings): OutputSettings {
  const value = compositor.case === "presentation" ? compositor.value : undefined;
  if (!value) return create(OutputSettingsSchema);
  const { width, height, framesPerSecond, videoBitrateBps, motion, captions, audioCodec, videoCodec } = value;
  return create(OutputSettingsSchema, { width, height, framesPerSecond, videoBitrateBps, motion, captions, audioCodec, videoCodec });
}
