import type { KeyValueStore } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { type CalibrationDeps, type CalibrationOptions, calibrate } from "./calibrate.ts";
import { type CapacityProfile, type ProfileSubject, readProfile, writeProfile } from "./profile-store.ts";
import type { ReferenceWork } from "./reference-work.ts";

export interface MeasuredCapacityDeps extends CalibrationDeps {
  /** Undefined: each start measures. */
  readonly store: KeyValueStore | undefined;
  readonly utcNowMs: () => number;
}

export interface MeasuredCapacityOptions extends CalibrationOptions {
  readonly subject: ProfileSubject;
  /** Whether a capacity that was measured before counts. */
  readonly useCache: boolean;
}

/**
 * The sessions that the stage serves with its deadlines kept: as a process like this one has measured, or as measured now.
 * A stage that is late with one session alone still serves one, and is measured again at the next start.
 * @returns undefined where the time was over before one session was
 */
export async function measuredCapacity(
  deps: MeasuredCapacityDeps,
  work: ReferenceWork,
  options: MeasuredCapacityOptions,
): Promise<number | undefined> {
  const { logger, utcNowMs } = deps;
  const { subject, limit, useCache } = options;
  const known = useCache ? await withStore(deps, (store) => readProfile(store, subject, limit)) : undefined;
  const about = { stage: subject.stage, models: subject.models, acceleratorClass: subject.acceleratorClass };
  if (known) {
    const sessions = Math.min(known.sessions, limit);
    logger.info({ ...about, sessions, measuredTime: known.measuredTime }, "the capacity is known");
    return sessions;
  }
  logger.info({ ...about, limit, budgetMs: options.budgetMs }, "the calibration begins");
  const { sessions, bound, p95LateMs, probes, tookMs } = await calibrate(deps, work, options);
  const result = { ...about, sessions, bound, probes, tookMs: Math.round(tookMs) };
  if (sessions === 0) {
    const told =
      bound === "time" ? "the calibration's time was over before one session was served" : "one session alone misses its deadlines";
    logger.warn(result, told);
    return bound === "time" ? undefined : 1;
  }
  logger.info(result, "the capacity is measured");
  const measuredTime = new Date(utcNowMs()).toISOString();
  const profile: CapacityProfile = { ...subject, sessions, bound, limit, p95LateMs: p95LateMs ?? 0, tookMs, measuredTime };
  await withStore(deps, (store) => writeProfile(store, profile));
  return sessions;
}

/** Without the store a replica measures for itself alone. */
async function withStore<T>({ store, logger }: MeasuredCapacityDeps, use: (store: KeyValueStore) => Promise<T>): Promise<T | undefined> {
  if (!store) return undefined;
  try {
    return await use(store);
  } catch (thrown) {
    const { reason, message } = ServiceError.from(thrown);
    logger.warn({ reason, detail: message }, "measured capacities cannot be kept");
    return undefined;
  }
}
