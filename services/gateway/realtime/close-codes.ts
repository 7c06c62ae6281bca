/**
 * Codes with which the gateway closes a connection; an `error` event with the reason precedes where one can still be sent.
 * RFC 6455, section 7.4; 4000 to 4999 are ours.
 */
export const closeCodes = {
  /** The session is over: `troupe.ended` tells why. */
  ended: 1000,
  /** The gateway leaves; come back with the resume token. */
  leaving: 1001,
  /** A frame was larger than the gateway takes. */
  tooLarge: 1009,
  /** A defect of the gateway. */
  internal: 1011,
  /** No capacity, or no replica, at present: try again. */
  tryLater: 1013,
  /** The session could not be opened or resumed: the client must change its request. */
  refused: 4000,
  /** The client reads more slowly than it is written to. */
  slowReader: 4008,
  /** Another connection resumed the session. */
  replaced: 4009,
} as const;
