import { ServiceError } from "@troupe/errors";
import { Registry } from "prom-client";
import { createStageMetrics } from "../metrics.ts";
import type { Logger, Stage } from "../stage.ts";
import { type FoundCapacity, findCapacity } from "./find-capacity.ts";
import { type ProbeResult, probe } from "./probe.ts";
import type { ReferenceSessionDeps } from "./reference-session.ts";
import type { ReferenceWork } from "./reference-work.ts";

export interface CalibrationDeps {
  readonly stage: Stage;
  readonly clock: ReferenceSessionDeps["clock"];
  readonly logger: Logger;
}

export interface CalibrationOptions {
  /** Sessions that are tried at most. */
  readonly limit: number;
  /** What it may take, the first run to warm up counted in. */
  readonly budgetMs: number;
}

export interface Calibration extends FoundCapacity {
  /** Of those sessions: what 95 of 100 were early by, negated. Undefined where none held. */
  readonly p95LateMs: number | undefined;
  readonly probes: number;
  readonly tookMs: number;
}

/** What is left over of a run that was broken off ends meanwhile. */
const restMs = 200;
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Measures how many sessions a stage serves with their deadlines kept, by serving them. A number does not hold if it does not hold twice:
 * once may be the machine.
 */
export async function calibrate(deps: CalibrationDeps, work: ReferenceWork, options: CalibrationOptions): Promise<Calibration> {
  const { clock, logger } = deps;
  const stage = work.stage ?? deps.stage;
  const session: ReferenceSessionDeps = { stage, clock, logger: silent, metrics: createStageMetrics(new Registry()) };
  const startMs = clock.nowMs();
  const timeOver = new AbortController();
  const cancelTimer = clock.setTimer(options.budgetMs, () =>
    timeOver.abort(new ServiceError("DEADLINE", "the calibration's time is over")),
  );
  let probes = 0;
  let p95LateMs: number | undefined;

  async function attempt(sessions: number): Promise<boolean | undefined> {
    try {
      const result = await probe(session, work, sessions, timeOver.signal);
      probes++;
      logger.info({ stage: stage.name, sessions, ...told(result) }, "a step of the calibration");
      if (result.held) p95LateMs = result.p95LateMs;
      else await clock.sleep(restMs, timeOver.signal);
      return result.held;
    } catch (thrown) {
      if (timeOver.signal.aborted) return undefined;
      throw thrown;
    }
  }

  try {
    // The first run of a model takes longer than any other.
    await attempt(1);
    p95LateMs = undefined;
    const found = await findCapacity(options.limit, async (sessions) => (await attempt(sessions)) || (await attempt(sessions)));
    return { ...found, p95LateMs, probes, tookMs: clock.nowMs() - startMs };
  } finally {
    cancelTimer();
  }
}

function told({ held, p95LateMs, latest, failure }: ProbeResult): object {
  const p95 = Number.isFinite(p95LateMs) ? { p95LateMs: Math.round(p95LateMs) } : {};
  const worst = latest && { latest: latest.deadline, latestMs: Math.round(latest.lateMs) };
  return { held, ...p95, ...worst, ...(failure && { reason: failure.reason, detail: failure.message }) };
}
