import { isServiceError } from "@troupe/errors";
import type { Clock } from "@troupe/timeline";
import { beatIntervalMs, missedBeats } from "../adapter/replica.ts";
import { type Binding, type BindingClientDeps, sendBeat } from "./binding-client.ts";
import type { OwnedSession } from "./owned-session.ts";

export interface LeaseEvents {
  /** The replica no longer serves the stage of the session. Told until it is taken: false asks to be told again. */
  onLost(session: OwnedSession, binding: Binding): boolean;
  /** The replica wants the session to move. */
  onDraining(session: OwnedSession, binding: Binding): void;
}

export interface LeaseDeps extends BindingClientDeps {
  readonly owner: string;
  readonly clock: Clock;
}

/** A replica that was just opened may not know the session yet when it answers a beat that was under way. */
const settleMs = 1500;

interface Lease {
  missed: number;
  outageMs: number;
}

/** The owner's side of its leases: one beat to each replica every 500 ms names all of its sessions there and repeats their state. */
export function keepLeases(
  deps: LeaseDeps,
  sessions: Pick<ReadonlyMap<OwnedSession, unknown>, "keys" | "has">,
  events: LeaseEvents,
): Disposable {
  const leases = new Map<string, Lease>();
  const firstSeenMs = new WeakMap<Binding, number>();
  const told = new WeakSet<Binding>();
  let cancel = deps.clock.setTimer(beatIntervalMs, again);

  function again(): void {
    cancel = deps.clock.setTimer(beatIntervalMs, again);
    const byReplica = new Map<string, { session: OwnedSession; binding: Binding }[]>();
    for (const session of sessions.keys()) {
      for (const binding of session.bindings()) {
        if (!firstSeenMs.has(binding)) firstSeenMs.set(binding, deps.clock.nowMs());
        byReplica.set(binding.replica, [...(byReplica.get(binding.replica) ?? []), { session, binding }]);
      }
    }
    for (const replica of leases.keys()) if (!byReplica.has(replica)) leases.delete(replica);
    for (const [replica, served] of byReplica) void beat(replica, served);
  }

  async function beat(replica: string, served: readonly { session: OwnedSession; binding: Binding }[]): Promise<void> {
    const lease = leases.get(replica) ?? { missed: 0, outageMs: deps.bus.outageMs() };
    leases.set(replica, lease);
    const named = served.map(({ session, binding }) => ({
      tenant: session.context.tenant,
      session: session.context.session,
      epoch: binding.epoch,
      state: session.state.view.snapshot(),
    }));
    try {
      const answer = await sendBeat(deps, replica, deps.owner, named);
      lease.missed = 0;
      lease.outageMs = deps.bus.outageMs();
      const alive = new Set(answer.sessions.map(({ tenant, session, epoch }) => `${tenant}/${session}/${epoch}`));
      for (const { session, binding } of served) {
        const { tenant, session: id } = session.context;
        const settled = deps.clock.nowMs() - (firstSeenMs.get(binding) ?? 0) > settleMs;
        if (answer.boot !== binding.boot || (settled && !alive.has(`${tenant}/${id}/${binding.epoch}`))) lost(session, binding);
        else if (answer.draining) events.onDraining(session, binding);
      }
    } catch (thrown) {
      miss(lease, isServiceError(thrown, "NO_RESPONDERS"));
      if (lease.missed < missedBeats) return;
      leases.delete(replica);
      for (const { session, binding } of served) lost(session, binding);
    }
  }

  /** Time during which our own bus was down says nothing about the replica; a server that knows no listener says much. */
  function miss(lease: Lease, noResponders: boolean): void {
    const outageMs = deps.bus.outageMs();
    if (!deps.bus.connected || outageMs > lease.outageMs) {
      lease.missed = 0;
      lease.outageMs = outageMs;
    } else lease.missed += noResponders ? 2 : 1;
  }

  function lost(session: OwnedSession, binding: Binding): void {
    if (told.has(binding) || !sessions.has(session) || !session.bindings().includes(binding)) return;
    if (events.onLost(session, binding)) told.add(binding);
  }

  return { [Symbol.dispose]: () => cancel() };
}
