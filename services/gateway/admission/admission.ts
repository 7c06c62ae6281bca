import type { SessionContext, Start } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Allotments } from "./allotments.ts";
import { choosePipeline } from "./choose-pipeline.ts";
import type { OtherGateways } from "./other-gateways.ts";
import type { Routes } from "./routes.ts";
import type { Seat, Seats } from "./seats.ts";

export interface AdmissionDeps {
  readonly allotments: Allotments;
  readonly routes: Routes;
  readonly others: OtherGateways;
  readonly seats: Seats;
  /** Sessions that this gateway serves at most. */
  readonly maxSessions: number;
}

/** Room in the gateway is free again soon; a tenant's limit, when one of its sessions ends. */
const roomRetryMs = 1000;
const limitRetryMs = 5000;

/** Decides which sessions this gateway takes, and by which pipeline they are served. */
export class Admission {
  readonly #deps: AdmissionDeps;
  #closed = false;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /**
   * Takes a new session. Limits of tenants hold over all gateways of the site; two that open a tenant's last session within the
   * milliseconds that a message takes may both have it.
   * @throws ServiceError DRAINING, NO_CAPACITY, PIPELINE_UNKNOWN, STORE_UNAVAILABLE; LIMIT_REACHED with the limit in its metadata
   */
  async admit({ tenant, pipeline: named }: Pick<Start, "tenant" | "pipeline">): Promise<Seat> {
    this.checkRoom();
    const { seats, others } = this.#deps;
    const [routes, allotments] = await Promise.all([this.#deps.routes.current(), this.#deps.allotments.of(tenant)]);
    const pipeline = choosePipeline(named, { routes, allotments });
    if (allotments) {
      await others.heard;
      const limit = allotments.find((one) => one.pipeline === pipeline)?.limit ?? 0;
      if (seats.of(tenant, pipeline) + others.sessions(tenant, pipeline) >= limit) throw limitReached(tenant, pipeline, limit);
    }
    this.checkRoom();
    return seats.take(tenant, pipeline);
  }

  /** Takes a session that another gateway began: its tenant's limit holds for new ones only. @throws ServiceError STORE_UNAVAILABLE */
  async adopt({ tenant, pipeline }: Pick<SessionContext, "tenant" | "pipeline">): Promise<Seat> {
    await this.#deps.routes.current();
    return this.#deps.seats.take(tenant, pipeline);
  }

  /** @throws ServiceError DRAINING, NO_CAPACITY */
  checkRoom(): void {
    const { seats, maxSessions } = this.#deps;
    if (this.#closed) throw new ServiceError("DRAINING", "the gateway is leaving", { retryAfterMs: roomRetryMs });
    if (seats.size >= maxSessions)
      throw new ServiceError("NO_CAPACITY", `the gateway serves ${maxSessions} sessions already`, { retryAfterMs: roomRetryMs });
  }

  /** No session is taken any more. */
  close(): void {
    this.#closed = true;
  }
}

const limitReached = (tenant: string, pipeline: string, limit: number) =>
  new ServiceError("LIMIT_REACHED", `tenant ${tenant} has ${limit} sessions of pipeline ${pipeline || "(none)"} at this site`, {
    metadata: { limit: "tenant_sessions", value: String(limit), ...(pipeline && { pipeline }) },
    retryAfterMs: limitRetryMs,
  });
