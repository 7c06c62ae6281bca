import { toBinary } from "@bufbuild/protobuf";
import type { Bus, KeyValueStore } from "@troupe/bus";
import { type SitePlan, type SiteReport, SiteReportSchema } from "@troupe/contracts";
import { isServiceError, ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Controller, WorkQueue } from "../../kube/index.ts";
import { buckets, openBucket } from "../buckets.ts";
import { readPlan } from "../site-plan.ts";

export interface HubLinkDeps {
  readonly bus: Bus;
  readonly logger: Logger;
}

export interface HubLinkOptions {
  readonly site: string;
  /** JetStream domain of the hub; empty: that of the server connected to. */
  readonly hubDomain: string;
  /** A report at least so often; the plan is read again too, since a watch may have missed it. Default 5,000. */
  readonly beatMs?: number;
}

/** A site's side of what it exchanges with its hub, over its own NATS and the leaf node. */
export interface HubLink extends Controller, Disposable {
  /** The newest plan read; "unreadable": there is one, and it is none. undefined: none was read since the start. */
  readonly offered: SitePlan | "unreadable" | undefined;
  /** Whether the last exchange went well. */
  readonly connected: boolean;
  /** What the next report says; sent at once where it is news. */
  tell(report: SiteReport): void;
  /** @returns what ends it */
  onOffer(handler: () => void): () => void;
  /** @returns what ends it */
  trigger(queue: WorkQueue): () => void;
}

const linkKey = "hub";
const retryMs = 1000;

export function createHubLink({ bus, logger }: HubLinkDeps, { site, hubDomain, beatMs = 5000 }: HubLinkOptions): HubLink {
  const handlers = new Set<() => void>();
  const wakers = new Set<() => void>();
  let stores: { readonly plans: KeyValueStore; readonly reports: KeyValueStore; readonly end: () => void } | undefined;
  let offered: HubLink["offered"];
  let planRevision: number | undefined;
  let reportRevision: number | undefined;
  let report: Uint8Array | undefined;
  let connected: boolean | undefined;

  async function open() {
    const plans = await openBucket(bus, buckets.plans, hubDomain);
    const reports = await openBucket(bus, buckets.reports, hubDomain);
    const end = await plans.watch((key, revision) => {
      if (key === site && revision !== planRevision) for (const wake of wakers) wake();
    }, site);
    return { plans, reports, end };
  }

  async function readOffer(plans: KeyValueStore): Promise<void> {
    const entry = await plans.get(site);
    // A hub that has no plan any more has not said that nothing is to run.
    if (!entry || entry.revision === planRevision) return;
    planRevision = entry.revision;
    offered = readPlan(entry.value) ?? "unreadable";
    for (const handler of handlers) handler();
  }

  async function send(reports: KeyValueStore, value: Uint8Array): Promise<void> {
    if (reportRevision !== undefined) {
      try {
        reportRevision = await reports.update(site, value, reportRevision);
        return;
      } catch (thrown) {
        if (!isServiceError(thrown, "RECORD_CONFLICT")) throw thrown;
      }
    }
    const entry = await reports.get(site);
    reportRevision = entry ? await reports.update(site, value, entry.revision) : await reports.create(site, value);
  }

  function lose(thrown: unknown): void {
    stores?.end();
    stores = undefined;
    if (connected === false) return;
    connected = false;
    logger.warn({ site, reason: ServiceError.from(thrown).reason }, "the hub cannot be reached; the site goes on with its plan");
  }

  return {
    name: "hub-link",
    get offered() {
      return offered;
    },
    get connected() {
      return connected === true;
    },
    async reconcile() {
      try {
        stores ??= await open();
        await readOffer(stores.plans);
        if (report) await send(stores.reports, report);
      } catch (thrown) {
        lose(thrown);
        return { requeueAfterMs: retryMs };
      }
      if (connected === false) logger.info({ site }, "the hub is reached again");
      connected = true;
      return { requeueAfterMs: beatMs };
    },
    tell(next) {
      const value = toBinary(SiteReportSchema, next);
      if (report && Buffer.from(report).equals(value)) return;
      report = value;
      for (const wake of wakers) wake();
    },
    onOffer(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    trigger(queue) {
      const wake = () => queue.add(linkKey);
      wakers.add(wake);
      wake();
      return () => wakers.delete(wake);
    },
    [Symbol.dispose]() {
      stores?.end();
      stores = undefined;
      handlers.clear();
      wakers.clear();
    },
  };
}
