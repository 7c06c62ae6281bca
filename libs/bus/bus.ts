import type { Overflow } from "./bounded-queue.ts";
import type { KeyValueOptions, KeyValueStore } from "./key-value.ts";

export type Headers = Readonly<Record<string, string>>;

export interface BusMessage {
  readonly subject: string;
  /** Shared, never written to. */
  readonly data: Uint8Array;
  readonly headers: Headers;
  /** Set when the sender waits for an answer. */
  readonly reply: string | undefined;
}

export interface PublishOptions {
  readonly headers?: Headers;
  readonly reply?: string;
}

export interface SubscribeOptions {
  /** Messages kept for a reader that lags. */
  readonly limit: number;
  /** What happens to one more. */
  readonly overflow: Overflow;
  /** Of the subscribers with the same group, one gets each message. */
  readonly queueGroup?: string;
}

export interface SubscriptionStats {
  readonly delivered: number;
  readonly dropped: number;
}

/** In order per subject and sender. Ends when closed; throws QUEUE_FULL with overflow "fail". Read by one reader. */
export interface Subscription extends AsyncIterable<BusMessage> {
  close(): void;
  stats(): SubscriptionStats;
}

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly headers?: Headers;
  readonly signal?: AbortSignal;
}

/**
 * Subjects, messages and nothing else: at most once, in order per subject and sender, nothing kept for those who are away.
 * While the connection is down, what is published is dropped and counted: stale media helps nobody, and what must arrive is asked
 * for again by its reader.
 */
export interface Bus {
  readonly connected: boolean;
  /** Messages dropped because the connection was down. */
  readonly droppedWhileDown: number;
  /** Total time the connection was down so far. */
  outageMs(): number;
  publish(subject: string, data: Uint8Array, options?: PublishOptions): void;
  /** `*` matches one token, a last `>` the rest. */
  subscribe(subject: string, options: SubscribeOptions): Subscription;
  /** @throws ServiceError NO_RESPONDERS, DEADLINE, BUS_DISCONNECTED, CANCELLED, or what the responder threw */
  request(subject: string, data: Uint8Array, options: RequestOptions): Promise<BusMessage>;
  /**
   * Resolves when `readers` different subscriptions have answered on that very subject, so that nothing published afterwards is
   * lost for want of a reader. Subscriptions answer by themselves; readers never see a probe.
   * @throws ServiceError NO_RESPONDERS when they did not in time
   */
  probe(subject: string, readers: number, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<void>;
  /**
   * A store that outlives this process, made on first use; the same name and options give the same store to everybody.
   * @throws ServiceError STORE_UNAVAILABLE where the server keeps nothing
   */
  keyValue(name: string, options: KeyValueOptions): Promise<KeyValueStore>;
  /** Resolves when everything published so far has reached the server. */
  flush(): Promise<void>;
  /** Stops receiving, lets what was received be read, sends what was published, then closes. */
  drain(): Promise<void>;
}
