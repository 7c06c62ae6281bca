/** What one connection may take of the gateway. */
export interface RealtimeLimits {
  /** One message of the client, in characters; a longer one is refused, a much longer one closes the connection (1009). */
  readonly maxMessageLength: number;
  /** Messages that wait to be carried out before no more are read from the socket. */
  readonly maxQueuedMessages: number;
  /** Characters of those. */
  readonly maxQueuedLength: number;
  /** Messages a second that are carried out; whoever sends more is read more slowly. */
  readonly messagesPerSecond: number;
  /** Messages that may come at once beyond that. */
  readonly messageBurst: number;
  /** Bytes that wait in the socket before pictures are left out up to the next keyframe. */
  readonly slowBytes: number;
  /** Bytes that wait in the socket before the connection is closed (4008). */
  readonly stuckBytes: number;
  /** Between two pings. */
  readonly pingMs: number;
  /** A connection from which nothing came for so long is dropped. */
  readonly silenceMs: number;
  /** A session is opened with its defaults when the client has said nothing by then. */
  readonly openAfterMs: number;
  /** Items that the connection remembers. */
  readonly maxItems: number;
}

export const defaultRealtimeLimits: RealtimeLimits = {
  maxMessageLength: 768 * 1024,
  maxQueuedMessages: 256,
  maxQueuedLength: 2 * 1024 * 1024,
  messagesPerSecond: 250,
  messageBurst: 1000,
  slowBytes: 512 * 1024,
  stuckBytes: 4 * 1024 * 1024,
  pingMs: 5000,
  silenceMs: 15_000,
  openAfterMs: 250,
  maxItems: 2000,
};
