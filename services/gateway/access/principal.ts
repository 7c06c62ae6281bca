/** What one API key may use at a time and in all. Infinity: no limit. */
export interface AccessLimits {
  readonly maxSessions: number;
  /** Of one session, in seconds. */
  readonly maxSessionSeconds: number;
  /** Of all sessions of the key in one UTC day, in minutes. */
  readonly minutesPerDay: number;
  /** Of one text that is typed or to be said, in characters. */
  readonly maxTextLength: number;
}

export const unlimited: AccessLimits = {
  maxSessions: Number.POSITIVE_INFINITY,
  maxSessionSeconds: Number.POSITIVE_INFINITY,
  minutesPerDay: Number.POSITIVE_INFINITY,
  maxTextLength: Number.POSITIVE_INFINITY,
};

/** What came with a client secret: its holder is a browser, which may talk, and knows of no session but its own. */
export interface ClientSecretGrant {
  readonly id: string;
  /** UTC. */
  readonly expiresAtMs: number;
  /** The session it was made for, if it was made for one that runs. */
  readonly sessionId?: string;
  /** Of that session: with it any gateway of the site takes the client there. */
  readonly resumeToken?: string;
  /** Realtime session object that was bound into it, as it was given. */
  readonly session: Readonly<Record<string, unknown>>;
}

/** Who calls, as the gateway knows them once their credentials are checked. */
export interface Principal {
  readonly tenant: string;
  /** Id of the API key, never the key; "loopback" where none is asked for. */
  readonly key: string;
  readonly limits: AccessLimits;
  /** Whether pictures may be drawn by the client from motion alone. */
  readonly motionOnly: boolean;
  /** Undefined: the caller holds the API key itself. */
  readonly clientSecret?: ClientSecretGrant;
  /** Of a session that came from another gateway: id of the client secret that it was opened with there. */
  readonly openedWith?: string;
}
