import { create } from "@bufbuild/protobuf";
import type { Bus } from "@troupe/bus";
import { SessionContextSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Grants } from "@troupe/session";
import {
  createRegistry,
  keepLeases,
  type Logger,
  OwnedSession,
  readEdge,
  type StageName,
  type StageSettings,
  stageNames,
} from "@troupe/stage";
import type { Clock } from "@troupe/timeline";

export interface SimulatedGatewayDeps {
  readonly bus: Bus;
  readonly grants: Grants;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of all that happens to sessions, as it happens. */
  readonly onEvent?: (event: SessionEvent) => void;
}

interface Place {
  readonly stage: string;
  readonly replica: string;
}

/** What happens to a session; `ended` is told before its replicas hear of it. */
export type SessionEvent = { readonly session: string } & (
  | { readonly type: "opened"; readonly bindings: readonly Place[] }
  | { readonly type: "ended" }
  | ({ readonly type: "moved" | "lost" | "restored" } & Place)
  | { readonly type: "refused"; readonly reason: string; readonly retryAfterMs?: number }
);

const settings: StageSettings = {
  asr: { case: undefined },
  llm: { case: undefined },
  tts: { case: undefined },
  face: { case: undefined },
  compositor: { case: undefined },
};

/** Where it stands: not the bindings that only finish what they have begun. */
const placesOf = (session: OwnedSession): readonly Place[] =>
  stageNames.flatMap((stage) => {
    const binding = session.binding(stage);
    return binding ? [{ stage, replica: binding.replica }] : [];
  });

const restoreAgainMs = 250;
const tellWithinMs = 5;

/**
 * Stands in for a gateway without people: it opens sessions at replicas, keeps their leases and moves them when a replica drains, by the
 * code that gateways use. Nobody speaks in them.
 */
export function simulateGateway(
  { bus, grants, clock, logger, onEvent = () => undefined }: SimulatedGatewayDeps,
  options: { readonly site: string; readonly owner: string },
) {
  const { site, owner } = options;
  const registry = createRegistry(bus, site, clock);
  const sessions = new Map<OwnedSession, { readonly close: () => void }>();
  const moving = new Set<string>();
  const log = { moved: 0, lost: [] as string[], refused: 0 };
  const client = { bus, site, grants, registry, owner };
  const leases = keepLeases({ ...client, clock }, sessions, {
    onLost(session, { stage, replica, epoch }) {
      // A binding that was only finishing is not what the session stands on.
      if (session.binding(stage)?.epoch !== epoch) return true;
      log.lost.push(`${session.context.session} ${stage} ${replica}`);
      onEvent({ type: "lost", session: session.context.session, stage, replica });
      void restore(session, stage);
      return true;
    },
    onDraining: (session, { stage, epoch }) => void move(session, stage, epoch),
  });

  async function restore(session: OwnedSession, stage: StageName): Promise<void> {
    while (sessions.has(session)) {
      try {
        const { replica } = await session.replace(stage, settings[stage]);
        return onEvent({ type: "restored", session: session.context.session, stage, replica });
      } catch (thrown) {
        logger.debug({ stage, reason: ServiceError.from(thrown).reason }, "a lost stage could not be opened yet");
        if (session.binding(stage)) return;
        await clock.sleep(restoreAgainMs);
      }
    }
  }

  async function move(session: OwnedSession, stage: StageName, epoch: number): Promise<void> {
    const key = `${session.context.session}/${stage}`;
    if (moving.has(key) || session.binding(stage)?.epoch !== epoch) return;
    moving.add(key);
    let isTold = false;
    const tell = () => {
      const now = session.binding(stage);
      if (isTold || !now || now.epoch === epoch || !sessions.has(session)) return;
      isTold = true;
      log.moved++;
      onEvent({ type: "moved", session: session.context.session, stage, replica: now.replica });
    };
    // The session stands elsewhere before both replicas have confirmed it, and the old one may be let go then.
    let cancel = clock.setTimer(tellWithinMs, function again() {
      tell();
      cancel = clock.setTimer(tellWithinMs, again);
    });
    try {
      await session.move(stage);
      tell();
    } catch (thrown) {
      logger.debug({ stage, reason: ServiceError.from(thrown).reason }, "a session could not be moved yet");
    } finally {
      cancel();
      moving.delete(key);
    }
  }

  return {
    registry,
    log,
    get sessions() {
      return sessions.size;
    },
    /** @throws ServiceError NO_REPLICA, NO_CAPACITY */
    async open(id: string, tenant = "acme"): Promise<OwnedSession> {
      const context = create(SessionContextSchema, { site, tenant, session: id, owner, avatar: "mara", seed: 1 });
      const readers = (["transcript", "reply", "av", "presented"] as const).map((edge) =>
        readEdge(bus, context, edge, logger, () => undefined),
      );
      const close = () => {
        for (const reader of readers) reader.close();
      };
      const session = new OwnedSession(client, context, settings);
      sessions.set(session, { close });
      try {
        await session.open();
      } catch (thrown) {
        log.refused++;
        sessions.delete(session);
        close();
        const { reason, retryAfterMs } = ServiceError.from(thrown);
        onEvent({ type: "refused", session: id, reason, ...(retryAfterMs !== undefined && { retryAfterMs }) });
        throw thrown;
      }
      onEvent({ type: "opened", session: id, bindings: placesOf(session) });
      return session;
    },
    /** Moves one stage although nobody asked for it. Nothing happens where there is no other place. */
    async move(session: OwnedSession, stage: StageName): Promise<void> {
      const binding = session.binding(stage);
      if (binding) await move(session, stage, binding.epoch);
    },
    async end(session: OwnedSession): Promise<void> {
      onEvent({ type: "ended", session: session.context.session });
      sessions.get(session)?.close();
      sessions.delete(session);
      await session.close();
    },
    async [Symbol.asyncDispose]() {
      leases[Symbol.dispose]();
      for (const { close } of sessions.values()) close();
      await Promise.all([...sessions.keys()].map((session) => session.close()));
      sessions.clear();
      registry[Symbol.dispose]();
    },
  };
}
