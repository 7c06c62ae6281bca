import { fromBinary } from "@bufbuild/protobuf";
import type { Bus } from "@troupe/bus";
import { type SiteReport, SiteReportSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { ModelProfile } from "@troupe/kinds";
import type { Logger } from "@troupe/stage";
import type { SiteReports } from "../../site/index.ts";
import { buckets, openBucket } from "../buckets.ts";

/** What sites have said, and what was planned for them: kept current for the whole life of the process. */
export interface HubReports extends SiteReports, Disposable {
  /** As it came. */
  messageOf(site: string): SiteReport | undefined;
  /** Notes the newest plan of a site. */
  planned(site: string, generation: number): void;
}

export interface HubReportsDeps {
  readonly bus: Bus;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

/** Listens to the reports of all sites. @throws ServiceError STORE_UNAVAILABLE */
export async function createHubReports({ bus, logger, utcNowMs }: HubReportsDeps): Promise<HubReports> {
  const store = await openBucket(bus, buckets.reports);
  const reports = new Map<string, { readonly message: SiteReport; readonly revision: number; readonly receivedMs: number }>();
  const plans = new Map<string, number>();
  const handlers = new Set<(site: string) => void>();
  const tell = (site: string) => {
    for (const handler of handlers) handler(site);
  };

  async function read(site: string): Promise<void> {
    const entry = await store.get(site);
    const receivedMs = entry && utcNowMs() - entry.ageMs;
    const known = reports.get(site);
    // By time, not by revision: those of a store that was made anew begin at 1 again.
    if (!entry || receivedMs === undefined || (known && entry.revision < known.revision && receivedMs < known.receivedMs)) return;
    const message = readReport(entry.value);
    if (message?.site !== site) return logger.warn({ site }, "a report of a site cannot be read");
    // Those that were there before this process are as old as they are.
    reports.set(site, { message, revision: entry.revision, receivedMs });
    tell(site);
  }

  const end = await store.watch((site, revision) => {
    if (revision === undefined) return;
    read(site).catch((thrown: unknown) =>
      logger.warn({ site, reason: ServiceError.from(thrown).reason }, "a report of a site could not be fetched"),
    );
  });

  return {
    reportOf(site) {
      const known = reports.get(site);
      if (!known) return undefined;
      const { appliedGeneration, nodes, refusal } = known.message;
      return { appliedGeneration, nodes, receivedMs: known.receivedMs, ...(refusal && { refusal }) };
    },
    messageOf: (site) => reports.get(site)?.message,
    planGenerationOf: (site) => plans.get(site),
    profilesOf: (model) =>
      [...reports.values()].flatMap(({ message }) => message.profiles.filter((one) => one.model === model).map(profileOf)),
    planned(site, generation) {
      if (plans.get(site) === generation) return;
      plans.set(site, generation);
      tell(site);
    },
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    [Symbol.dispose]() {
      end();
      handlers.clear();
    },
  };
}

function profileOf({ acceleratorClass, image, sessions, p95EarlyMs, measuredTime }: SiteReport["profiles"][number]): ModelProfile {
  const early = p95EarlyMs === undefined ? {} : { p95EarlyMilliseconds: p95EarlyMs };
  return { acceleratorClass, image, sessions, measuredTime, ...early };
}

function readReport(bytes: Uint8Array): SiteReport | undefined {
  try {
    return fromBinary(SiteReportSchema, bytes);
  } catch {
    return undefined;
  }
}
