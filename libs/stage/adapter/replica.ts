import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Bus, edgeSubject, infrastructureSubject, type SessionAddress, serve } from "@troupe/bus";
import {
  AnnouncementSchema,
  CloseReplySchema,
  CloseRequestSchema,
  contractMinor,
  DrainReplySchema,
  DrainRequestSchema,
  OpenReplySchema,
  type OpenRequest,
  OpenRequestSchema,
  type OwnerBeat,
  OwnerBeatSchema,
  ReplicaBeatSchema,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type Grants, platformTenant } from "@troupe/session";
import type { Clock } from "@troupe/timeline";
import { edges, outputsOf } from "../edges.ts";
import type { StageMetrics } from "../metrics.ts";
import type { Logger, Stage } from "../stage.ts";
import { attachBinding, busTransport } from "./bus-transport.ts";
import { StageBinding } from "./stage-binding.ts";

export interface ReplicaOptions {
  readonly site: string;
  /** Unique in the site. */
  readonly replica: string;
  readonly models: readonly string[];
  /** BCP-47; empty: any. */
  readonly languages: readonly string[];
  /** Sessions it serves at most. */
  readonly maxSessions: number;
  /** Sessions it serves with its deadlines kept, as measured; no more are taken. Default: not measured. */
  readonly capacity?: number;
  /** Where direct callers reach it; empty: nowhere. */
  readonly address: string;
  /** Pool that started it. */
  readonly pool?: string;
  /** Class of the accelerator it runs on. */
  readonly acceleratorClass?: string;
  /** How long a session of a silent owner is kept. Default 30,000. */
  readonly resumeWindowMs?: number;
}

export interface ReplicaDeps {
  /** Media. */
  readonly bus: Bus;
  /** Opening, leases, announcements, control. May be the same. */
  readonly controlBus: Bus;
  readonly stage: Stage;
  readonly grants: Grants;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
  /** Called once, when it no longer takes sessions: on a request of the platform, or of its own process. */
  readonly onDraining?: () => void;
}

export interface Replica extends AsyncDisposable {
  readonly sessions: number;
  /** Takes no new sessions, asks owners to move theirs; resolves when none is left or after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

interface Seat {
  readonly owner: string;
  readonly address: SessionAddress;
  readonly binding: StageBinding;
  readonly attached: Disposable;
  readonly openedMs: number;
  /** Last sign of the owner. */
  seenMs: number;
  seenOutageMs: number;
  suspended: boolean;
}

export const beatIntervalMs = 500;
export const missedBeats = 3;
const announceIntervalMs = 1000;
const tickIntervalMs = 100;
const probeTimeoutMs = 2000;
const openGraceMs = 2000;

const seatKey = (tenant: string, session: string, epoch: number) => `${tenant}/${session}/${epoch}`;

/** Serves one stage to sessions over the bus: answers opens, keeps leases, announces itself, drains. */
export function serveStage(deps: ReplicaDeps, options: ReplicaOptions): Replica {
  const { bus, controlBus, stage, grants, clock, logger, metrics } = deps;
  const { site, replica, resumeWindowMs = 30_000 } = options;
  const maxSessions = Math.min(options.maxSessions, options.capacity ?? options.maxSessions);
  const boot = crypto.randomUUID();
  const seats = new Map<string, Seat>();
  /** Keys of seats whose stage is being opened; a close takes them away again. */
  const opening = new Set<string>();
  let admitting = true;

  /** A session that is just being opened counts: whoever deletes an empty replica must not cut it. */
  const taken = () => seats.size + opening.size;

  const inbox = (what: string) => infrastructureSubject(site, "replica", replica, what);
  const inboxes = [
    serve(controlBus, inbox("open"), async (message) => await open(fromBinary(OpenRequestSchema, message.data))),
    serve(controlBus, inbox("close"), async (message) => await close(message.data)),
    serve(controlBus, inbox("beat"), async (message) => beat(fromBinary(OwnerBeatSchema, message.data))),
    serve(controlBus, inbox("drain"), async (message) => await drainOnRequest(message.data)),
  ];
  const stopTimers = [every(announceIntervalMs, announce), every(tickIntervalMs, tick)];
  announce();

  function every(intervalMs: number, action: () => void): () => void {
    let cancel = clock.setTimer(intervalMs, function again() {
      action();
      cancel = clock.setTimer(intervalMs, again);
    });
    return () => cancel();
  }

  function announce(): void {
    const announcement = create(AnnouncementSchema, {
      site,
      replica,
      boot,
      stage: stage.name,
      models: [...options.models],
      languages: [...options.languages],
      contractMinor,
      admitting,
      sessions: taken(),
      headroom: Math.max(0, maxSessions - taken()),
      address: options.address,
      pool: options.pool ?? "",
      acceleratorClass: options.acceleratorClass ?? "",
      capacity: options.capacity === undefined ? 0 : maxSessions,
    });
    controlBus.publish(infrastructureSubject(site, "announce", stage.name, "replica"), toBinary(AnnouncementSchema, announcement));
    metrics.sessions.set({ stage: stage.name }, seats.size);
  }

  async function open(request: OpenRequest): Promise<Uint8Array> {
    const context = request.open?.context;
    if (!request.open || !context) throw new ServiceError("INVALID_REQUEST", "open has no context");
    if (request.stage !== stage.name) throw new ServiceError("INVALID_REQUEST", `this replica serves ${stage.name}, not ${request.stage}`);
    const { tenant, session, owner } = context;
    await grants.check(request.grant, { tenant, session, stage: stage.name });
    const key = seatKey(tenant, session, request.open.epoch);
    const reply = () => toBinary(OpenReplySchema, create(OpenReplySchema, { boot }));
    if (seats.has(key)) return reply();
    refuseWhenFull();
    opening.add(key);
    try {
      const address: SessionAddress = { site, tenant, session };
      const binding = await StageBinding.create(request.open, { stage, clock, logger, metrics, transport: busTransport(bus, address) });
      if (!opening.has(key)) {
        await binding.close();
        throw new ServiceError("CANCELLED", "the session was closed while it opened");
      }
      const attached = await attach(address, binding);
      const nowMs = clock.nowMs();
      seats.set(key, {
        owner,
        address,
        binding,
        attached,
        openedMs: nowMs,
        seenMs: nowMs,
        seenOutageMs: controlBus.outageMs(),
        suspended: false,
      });
      opening.delete(key);
      try {
        await Promise.all([bus.flush(), controlBus.flush()]);
        for (const edge of outputsOf(stage.name)) {
          await bus.probe(edgeSubject(address, edge), edges[edge].readers.length, { timeoutMs: probeTimeoutMs });
        }
      } catch (thrown) {
        await free(key, "its readers did not answer");
        throw thrown;
      }
    } finally {
      opening.delete(key);
    }
    announce();
    return reply();
  }

  async function attach(address: SessionAddress, binding: StageBinding): Promise<Disposable> {
    try {
      return attachBinding(bus, controlBus, address, stage.name, binding, logger);
    } catch (thrown) {
      await binding.close();
      throw thrown;
    }
  }

  function refuseWhenFull(): void {
    const refuse = (reason: "DRAINING" | "NO_CAPACITY", message: string) => {
      metrics.refusals.inc({ stage: stage.name, reason });
      throw new ServiceError(reason, message, { retryAfterMs: 1000, metadata: { stage: stage.name, replica } });
    };
    if (!admitting) refuse("DRAINING", `${stage.name} replica ${replica} is leaving`);
    if (taken() >= maxSessions) refuse("NO_CAPACITY", `${stage.name} replica ${replica} serves ${maxSessions} sessions already`);
  }

  async function close(data: Uint8Array): Promise<Uint8Array> {
    const request = fromBinary(CloseRequestSchema, data);
    await grants.check(request.grant, { tenant: request.tenant, session: request.session, stage: stage.name });
    const key = seatKey(request.tenant, request.session, request.epoch);
    opening.delete(key);
    await free(key, "closed by its owner");
    return toBinary(CloseReplySchema, create(CloseReplySchema));
  }

  /** Level-triggered: who wants the drain asks again and again. */
  async function drainOnRequest(data: Uint8Array): Promise<Uint8Array> {
    const request = fromBinary(DrainRequestSchema, data);
    await grants.check(request.grant, { tenant: platformTenant, session: replica, stage: stage.name });
    if (admitting) logger.info({ stage: stage.name, why: request.reason.slice(0, 128), sessions: seats.size }, "the replica drains");
    stopAdmitting();
    return toBinary(DrainReplySchema, create(DrainReplySchema, { boot, sessions: taken() }));
  }

  function stopAdmitting(): void {
    if (!admitting) return;
    admitting = false;
    deps.onDraining?.();
    announce();
  }

  function beat(message: OwnerBeat): Uint8Array {
    const nowMs = clock.nowMs();
    const named = new Set<string>();
    // A beat without an owner speaks for nobody.
    const theirs = (seat: Seat) => message.owner !== "" && seat.owner === message.owner;
    for (const { tenant, session, epoch, state } of message.sessions) {
      const key = seatKey(tenant, session, epoch);
      const seat = seats.get(key);
      if (!seat || !theirs(seat)) continue;
      named.add(key);
      seat.seenMs = nowMs;
      seat.seenOutageMs = controlBus.outageMs();
      seat.suspended = false;
      if (state) seat.binding.merge(state);
    }
    for (const [key, seat] of message.partial ? [] : seats)
      if (theirs(seat) && !named.has(key) && nowMs - seat.openedMs > openGraceMs) void free(key, "its owner no longer names it");
    const sessions = [...seats.values()]
      .filter(theirs)
      .map((seat) => ({ tenant: seat.address.tenant, session: seat.address.session, epoch: seat.binding.open.epoch }));
    return toBinary(ReplicaBeatSchema, create(ReplicaBeatSchema, { replica, boot, sessions, draining: !admitting }));
  }

  function tick(): void {
    const nowMs = clock.nowMs();
    for (const [key, seat] of seats) {
      seat.binding.tick();
      // Time during which our own bus was down says nothing about the owner.
      const silentMs = nowMs - seat.seenMs - (controlBus.outageMs() - seat.seenOutageMs);
      if (silentMs > beatIntervalMs * missedBeats + tickIntervalMs && !seat.suspended) {
        seat.suspended = true;
        logger.warn({ stage: stage.name, session: seat.address.session }, "the owner is silent; the session is suspended");
        seat.binding.suspend();
      }
      if (silentMs > resumeWindowMs) void free(key, "its owner was silent for the resume window");
    }
  }

  /** Never rejects: the seat is free whatever its stage says. */
  async function free(key: string, why: string): Promise<void> {
    const seat = seats.get(key);
    if (!seat) return;
    seats.delete(key);
    seat.attached[Symbol.dispose]();
    const about = { stage: stage.name, session: seat.address.session, why };
    try {
      await seat.binding.close();
      logger.debug(about, "a session was closed");
    } catch (thrown) {
      const { reason, message } = ServiceError.from(thrown);
      logger.warn({ ...about, reason, detail: message }, "a session could not be closed");
    }
    announce();
  }

  return {
    get sessions() {
      return seats.size;
    },
    async drain(graceMs) {
      stopAdmitting();
      const untilMs = clock.nowMs() + graceMs;
      while (taken() > 0 && clock.nowMs() < untilMs) await clock.sleep(50);
    },
    async [Symbol.asyncDispose]() {
      admitting = false;
      for (const stop of stopTimers) stop();
      for (const subscription of inboxes) subscription.close();
      opening.clear();
      for (const key of [...seats.keys()]) await free(key, "the replica stops");
    },
  };
}
