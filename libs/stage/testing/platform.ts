import type { Bus, Subscription } from "@troupe/bus";
import type { SessionContext } from "@troupe/contracts";
import { until } from "@troupe/testkit";
import { onTestFinished } from "vitest";
import type { Replica, ReplicaOptions } from "../adapter/replica.ts";
import { type StageName, stageNames } from "../edges.ts";
import { OwnedSession, type OwnedSessionDeps } from "../owner/owned-session.ts";
import type { Stage, StageSession } from "../stage.ts";
import { contextOf, grants, type MemoryRig, readIdly, settings, site, startReplica } from "./rig.ts";

/** A stage that does nothing with what it is given. */
export function idleStage(
  name: StageName,
  hooks: { readonly check?: (session: StageSession) => void; readonly onSuspend?: () => void; readonly onClose?: () => void } = {},
): Stage {
  return {
    name,
    open(session) {
      hooks.check?.(session);
      return { onStream() {}, idle: async () => undefined, suspend: () => hooks.onSuspend?.(), close: async () => hooks.onClose?.() };
    },
  };
}

interface Started {
  readonly stage: Stage;
  readonly options?: Partial<ReplicaOptions>;
  /** Its connections; one of its own by default. */
  readonly bus?: Bus;
  readonly controlBus?: Bus;
}

/** One replica of each stage that `others` does not name, and those of `others`; all are announced and stop with the test. */
export async function startPlatform<Name extends string>(
  rig: MemoryRig,
  others: Readonly<Record<Name, Started>>,
): Promise<Record<Name, Replica> & { readonly all: readonly Replica[] }> {
  const named = Object.entries<Started>(others);
  const start = (stage: Stage, options: Partial<ReplicaOptions>, { bus = rig.broker.connect(), controlBus = bus }: Partial<Started> = {}) =>
    startReplica({ clock: rig.clock, bus, controlBus }, stage, options);
  const missing = stageNames.filter((name) => !named.some(([, { stage }]) => stage.name === name));
  const idle = missing.map((name) => start(idleStage(name), { maxSessions: 100 }));
  const byName = Object.fromEntries(
    named.map(([replica, started]) => [replica, start(started.stage, { replica, ...started.options }, started)]),
  ) as Record<Name, Replica>;
  const all = [...idle, ...Object.values<Replica>(byName)];
  onTestFinished(async () => {
    for (const replica of all) await replica[Symbol.asyncDispose]();
  });
  await until("the replicas are announced", () => rig.registry.all().length === all.length);
  return { ...byName, all };
}

/** The gateway's readers, without which no stage opens. */
export function readAsGateway(rig: MemoryRig, context: SessionContext, without?: "reply"): Subscription[] {
  const read = (["transcript", "reply", "av", "presented"] as const).filter((edge) => edge !== without);
  return read.map((edge) => readIdly(rig.bus, context, edge));
}

export function ownedSession(rig: MemoryRig, id: string, deps: Partial<OwnedSessionDeps> = {}): OwnedSession {
  const context = contextOf(id);
  return new OwnedSession({ bus: rig.bus, site, grants, registry: rig.registry, owner: context.owner, ...deps }, context, settings);
}

/** A session that is open at every stage. */
export async function openSession(rig: MemoryRig, id: string, deps: Partial<OwnedSessionDeps> = {}): Promise<OwnedSession> {
  const session = ownedSession(rig, id, deps);
  readAsGateway(rig, session.context);
  await session.open();
  return session;
}
