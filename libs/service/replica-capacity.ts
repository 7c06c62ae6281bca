import { readFileSync } from "node:fs";
import type { Bus, KeyValueStore } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { type Logger, measuredCapacity, profileBucket, profileTtlMs } from "@troupe/stage";
import { systemClock } from "@troupe/timeline";
import type { PlatformConfig } from "./config.ts";
import { cpuAllowance } from "./cpu-allowance.ts";
import type { StageService } from "./stage-service.ts";

/** Measures what a loaded stage can serve before it serves; undefined where that is not wanted, or its stage cannot tell. */
export async function replicaCapacity(
  config: PlatformConfig,
  { stage, models, reference }: StageService,
  { bus, logger }: { readonly bus: Bus; readonly logger: Logger },
): Promise<number | undefined> {
  const { calibrate, pool, acceleratorClass, image, maxSessions, calibrateSeconds } = config;
  if (calibrate === "off" || (calibrate === "auto" && pool === "")) return undefined;
  const work = await reference?.();
  if (!work) {
    logger.warn({ stage: stage.name, models }, "there is no reference work for these models; the capacity is not measured");
    return undefined;
  }
  const { millicores: cpuMillicores, model: cpuModel } = cpuAllowance();
  const subject = { stage: stage.name, models, acceleratorClass, image: image || packageVersion(), cpuMillicores, cpuModel, work: work.id };
  const deps = { stage, clock: systemClock, logger, utcNowMs: Date.now, store: await openStore(bus, logger) };
  const options = { subject, limit: maxSessions, budgetMs: calibrateSeconds * 1000, useCache: calibrate !== "force" };
  return await measuredCapacity(deps, work, options);
}

async function openStore(bus: Bus, logger: Logger): Promise<KeyValueStore | undefined> {
  try {
    return await bus.keyValue(profileBucket, { ttlMs: profileTtlMs });
  } catch (thrown) {
    const { reason, message } = ServiceError.from(thrown);
    logger.warn({ reason, detail: message }, "measured capacities cannot be kept");
    return undefined;
  }
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")) as { readonly version: string }).version;
}
