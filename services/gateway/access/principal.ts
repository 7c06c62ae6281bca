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

/** Who calls, as the gateway knows them once their credentials are checked. */
export interface Principal {
  readonly tenant: string;
  /** Id of the API key, never the key; "loopback" where none is asked for. */
  readonly key: string;
  readonly limits: AccessLimits;
  /** Whether pictures may be drawn by the client from motion alone. */
  readonly motionOnly: boolean;
}
