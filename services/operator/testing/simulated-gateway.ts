import { create } from "@bufbuild/protobuf";
import type { Bus } from "@troupe/bus";
import { SessionContextSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Grants } from "@troupe/session";
import { createRegistry, keepLeases, type Logger, OwnedSession, readEdge, type StageName, type StageSettings } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";

export interface SimulatedGatewayDeps {
  readonly bus: Bus;
  readonly grants: Grants;
  readonly clock: Clock;
  readonly logger: Logger;
}

const settings: StageSettings = {
  asr: { case: undefined },
  llm: { case: undefined },
  tts: { case: undefined },
  face: { case: undefined },
  compositor: { case: undefined },
};

/**
 * Stands in for a gateway without people: it opens sessions at replicas, keeps their leases and moves them when a replica drains, by the
 * code that gateways use. Nobody speaks in them.
 */
export function simulateGateway(
  { bus, grants, clock, logger }: SimulatedGatewayDeps,
  options: { readonly site: string; readonly owner: string },
) {
  const { site, owner } = options;
  const registry = createRegistry(bus, site, clock);
  const sessions = new Map<OwnedSession, { readonly close: () => void }>();
  const moving = new Set<string>();
  const log = { moved: 0, lost: [] as string[], refused: 0 };
  const client = { bus, site, grants, registry, owner };
  const leases = keepLeases({ ...client, clock }, sessions, {
    onLost(session, { stage, replica }) {
      log.lost.push(`${session.context.session} ${stage} ${replica}`);
      void session.replace(stage, settings[stage]).catch(() => undefined);
      return true;
    },
    onDraining: (session, { stage, epoch }) => void move(session, stage, epoch),
  });

  async function move(session: OwnedSession, stage: StageName, epoch: number): Promise<void> {
    const key = `${session.context.session}/${stage}`;
    if (moving.has(key) || session.binding(stage)?.epoch !== epoch) return;
    moving.add(key);
    try {
      await session.move(stage);
      log.moved++;
    } catch (thrown) {
      logger.debug({ stage, reason: ServiceError.from(thrown).reason }, "a session could not be moved yet");
    } finally {
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
        throw thrown;
      }
      return session;
    },
    async end(session: OwnedSession): Promise<void> {
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
