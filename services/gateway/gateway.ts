import type { Bus } from "@troupe/bus";
import type { SessionRecord, Start } from "@troupe/contracts";
import type { Grants } from "@troupe/session";
import type { Logger, Registry } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { EndpointPolicy, Vad } from "@troupe/vad";
import type { Principal } from "./access/principal.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { SessionDirectory } from "./records/site-sessions.ts";
import type { LiveSession } from "./session/live-session.ts";
import type { SessionTimes } from "./session/session-time.ts";
import type { TurnPolicy } from "./turn-taking/index.ts";

export interface GatewayDeps {
  readonly bus: Bus;
  readonly controlBus: Bus;
  readonly grants: Grants;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly vad: Vad;
  /** Wall clock, in milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

export interface GatewayOptions {
  readonly site: string;
  /** Unique in the site. */
  readonly gateway: string;
  readonly maxSessions: number;
  readonly avatarDir: string;
  /** Folder with one folder for each tenant. */
  readonly knowledgeDir: string;
  readonly defaultAvatar: string;
  readonly turnPolicy: TurnPolicy;
  readonly endpointPolicy: EndpointPolicy;
  /** How long a session waits for replicas that are still starting. */
  readonly replicaWaitMs: number;
  /** How long a session waits for a client that is gone. */
  readonly resumeWindowMs: number;
  /** Text of the visible label where a start names none. */
  readonly label?: string;
  /** How long a session may last, and be idle. */
  readonly times: SessionTimes;
}

export interface Gateway extends AsyncDisposable {
  readonly registry: Registry;
  readonly sessions: number;
  /** The sessions of all gateways of the site. */
  readonly directory: SessionDirectory;
  /**
   * Opens a session. Nobody is attached to it yet; it waits for the resume window.
   * @throws ServiceError NO_CAPACITY, LIMIT_REACHED, DRAINING, NO_REPLICA, PIPELINE_UNKNOWN, AVATAR_UNKNOWN, INVALID_REQUEST …
   */
  open(start: Start, principal: Principal): Promise<LiveSession>;
  /**
   * The session that a resume token belongs to.
   * @throws ServiceError SESSION_UNKNOWN where it is over, or the token is wrong
   */
  resume(token: string): Promise<LiveSession>;
  /** A session of this gateway. @throws ServiceError SESSION_UNKNOWN where there is none of that id in the principal's tenant */
  session(id: string, principal: Principal): LiveSession;
  /** Sessions of a tenant at this gateway, oldest first. */
  list(tenant: string): readonly LiveSession[];
  /**
   * Tells of sessions of the whole site that ended without a gateway: theirs was killed, or handed them over, and nobody came back, or
   * they were removed meanwhile. Of the gateways that are asked for it, one tells of each. Ends with the gateway.
   */
  followAbandoned(listener: AbandonedListener): Promise<void>;
  /**
   * Takes no new sessions; resolves when the last one has ended. Those that still speak after `graceMs` are ended amid it: their
   * clients are told to come back where they know how to.
   */
  drain(graceMs: number): Promise<void>;
}

export type AbandonedListener = (record: SessionRecord, reason: "lost" | "removed") => void;
