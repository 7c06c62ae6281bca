import type { Subscription } from "@troupe/bus";
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
  hooks: { readonly check?: (session: StageSession) => void; readonly onSuspend?: () => void } = {},
): Stage {
  return {
    name,
    open(session) {
      hooks.check?.(session);
      return { onStream() {}, idle: async () => undefined, suspend: () => hooks.onSuspend?.(), close: async () => undefined };
    },
  };
}

/** One replica of each stage that `others` does not name, and those of `others`; all are announced and stop with the test. */
export async function startPlatform<Name extends string>(
  rig: MemoryRig,
  others: Readonly<Record<Name, { readonly stage: Stage; readonly options?: Partial<ReplicaOptions> }>>,
): Promise<Record<Name, Replica> & { readonly all: readonly Replica[] }> {
  const named = Object.entries<{ readonly stage: Stage; readonly options?: Partial<ReplicaOptions> }>(others);
  const missing = stageNames.filter((name) => !named.some(([, { stage }]) => stage.name === name));
  const started = named.map(([replica, { stage, options }]) => [
    replica,
    startReplica({ clock: rig.clock, bus: rig.broker.connect() }, stage, { replica, ...options }),
  ]);
  const idle = missing.map((name) => startReplica({ clock: rig.clock, bus: rig.broker.connect() }, idleStage(name), { maxSessions: 100 }));
  const byName = Object.fromEntries(started) as Record<Name, Replica>;
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
export async function openSession(rig: MemoryRig, id: string): Promise<OwnedSession> {
  const session = ownedSession(rig, id);
  readAsGateway(rig, session.context);
  await session.open();
  return session;
}
