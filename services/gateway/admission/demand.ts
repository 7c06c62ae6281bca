import { create, toBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject } from "@troupe/bus";
import { DemandReportSchema } from "@troupe/contracts";
import type { ServiceError } from "@troupe/errors";
import { type OwnedSession, stageNames } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { type DemandOf, DemandTable } from "./demand-table.ts";
import type { Seats } from "./seats.ts";

export interface DemandDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Sessions of this gateway, and their stages as far as they are bound. */
  readonly owned: () => Iterable<OwnedSession>;
  readonly seats: Pick<Seats, "counts">;
}

export interface DemandOptions {
  readonly site: string;
  readonly gateway: string;
}

/**
 * Tells the platform each second, and the other gateways at every change, how many sessions of whom each stage of each pipeline serves,
 * and how many clients wait to be served.
 */
export interface Demand extends Disposable {
  /** A session was refused. Refusals that lack a stage's seats, a stage, or a tenant's are demand; others are not. */
  refused(error: ServiceError, of: DemandOf): void;
  /** Sessions were taken or are over. */
  changed(): void;
}

const intervalMs = 1000;
/** A change is told at once; what changes within this time after it is told together. */
const gatherMs = 20;
/** A client that is refused tries again within this time, and is counted once in it. */
const defaultRetryMs = 1000;
const maxRefusals = 10_000;

interface Refusal {
  readonly of: DemandOf;
  readonly stage: string;
  readonly untilMs: number;
}

export function createDemand({ bus, clock, owned, seats }: DemandDeps, options: DemandOptions): Demand {
  let refusals: Refusal[] = [];
  let disposed = false;
  const subject = infrastructureSubject(options.site, "announce", options.gateway, "demand");

  function report(): void {
    if (disposed) return;
    const nowMs = clock.nowMs();
    refusals = refusals.filter(({ untilMs }) => untilMs > nowMs);
    const table = new DemandTable();
    for (const { tenant, pipeline, sessions } of seats.counts()) table.add({ tenant, pipeline }, "", { active: sessions });
    for (const session of owned())
      for (const stage of stageNames) table.add(session.context, stage, { active: session.binding(stage) === undefined ? 0 : 1 });
    for (const { of, stage } of refusals) table.add(of, stage, { refused: 1 });
    bus.publish(subject, toBinary(DemandReportSchema, create(DemandReportSchema, { ...options, stages: table.rows() })));
  }

  let cancel = clock.setTimer(intervalMs, function again() {
    report();
    cancel = clock.setTimer(intervalMs, again);
  });

  let isGathering = false;
  let hasChanged = false;
  function changed(): void {
    hasChanged = isGathering;
    if (isGathering || disposed) return;
    isGathering = true;
    report();
    clock.setTimer(gatherMs, () => {
      isGathering = false;
      if (hasChanged) changed();
    });
  }

  return {
    refused(error, of) {
      const stage = stageThatLacked(error);
      if (stage === undefined) return;
      if (refusals.length >= maxRefusals) refusals.shift();
      refusals.push({ of, stage, untilMs: clock.nowMs() + (error.retryAfterMs ?? defaultRetryMs) });
    },
    changed,
    [Symbol.dispose]() {
      disposed = true;
      cancel();
    },
  };
}

/** Empty: its tenant may hold no more sessions. */
function stageThatLacked({ reason, metadata }: ServiceError): string | undefined {
  if (reason === "LIMIT_REACHED") return metadata["limit"] === "tenant_sessions" ? "" : undefined;
  return reason === "NO_CAPACITY" || reason === "NO_REPLICA" || reason === "DRAINING" ? metadata["stage"] : undefined;
}
