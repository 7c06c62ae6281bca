import { create, toBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject } from "@troupe/bus";
import { DemandReportSchema } from "@troupe/contracts";
import type { ServiceError } from "@troupe/errors";
import { type OwnedSession, type StageName, stageNames } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";

export interface DemandDeps {
  readonly bus: Bus;
  readonly clock: Clock;
}

export interface DemandOptions {
  readonly site: string;
  readonly gateway: string;
}

/** Tells the platform each second how many sessions each stage serves, and how many clients wait to be served. */
export interface Demand extends Disposable {
  /** A session was refused. Refusals that lack a stage's seats, or a stage, are demand; others are not. */
  refused(error: ServiceError): void;
}

const intervalMs = 1000;
/** A client that is refused tries again within this time, and is counted once in it. */
const defaultRetryMs = 1000;
const maxRefusals = 10_000;

interface Refusal {
  readonly stage: string;
  readonly untilMs: number;
}

export function createDemand({ bus, clock }: DemandDeps, options: DemandOptions, owned: () => Iterable<OwnedSession>): Demand {
  let refusals: Refusal[] = [];
  const subject = infrastructureSubject(options.site, "announce", options.gateway, "demand");

  function report(): void {
    const nowMs = clock.nowMs();
    refusals = refusals.filter(({ untilMs }) => untilMs > nowMs);
    const bound = [...owned()];
    const count = (stage: StageName) => ({
      stage,
      active: bound.filter((session) => session.binding(stage) !== undefined).length,
      refused: refusals.filter((refusal) => refusal.stage === stage).length,
    });
    const message = create(DemandReportSchema, { ...options, stages: stageNames.map(count) });
    bus.publish(subject, toBinary(DemandReportSchema, message));
  }

  let cancel = clock.setTimer(intervalMs, function again() {
    report();
    cancel = clock.setTimer(intervalMs, again);
  });

  return {
    refused({ reason, metadata, retryAfterMs }) {
      const stage = metadata["stage"];
      if ((reason !== "NO_CAPACITY" && reason !== "NO_REPLICA" && reason !== "DRAINING") || stage === undefined) return;
      if (refusals.length >= maxRefusals) refusals.shift();
      refusals.push({ stage, untilMs: clock.nowMs() + (retryAfterMs ?? defaultRetryMs) });
    },
    [Symbol.dispose]: () => cancel(),
  };
}
