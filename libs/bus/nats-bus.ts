import {
  headers as createHeaders,
  createInbox,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  TimeoutError,
} from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { ServiceError } from "@troupe/errors";
import { BoundedQueue } from "./bounded-queue.ts";
import type { Bus, BusMessage, Headers, Subscription } from "./bus.ts";
import { errorFromHeaders } from "./error-headers.ts";
import { openNatsKeyValue } from "./nats-key-value.ts";
import { probeHeader, probeReaders, readerHeader } from "./probe.ts";

export interface NatsOptions {
  readonly servers: string;
  /** Shown in the server's monitoring. */
  readonly name: string;
  readonly user?: string;
  readonly password?: string;
  /** How long the first connection may take. Default 5,000. */
  readonly connectTimeoutMs?: number;
}

const nothing = new Uint8Array();

/** A connection to NATS; restored for ever once it stood. @throws ServiceError BUS_DISCONNECTED when it never did */
export async function connectNats(options: NatsOptions): Promise<Bus> {
  const connection = await connect({
    servers: options.servers,
    name: options.name,
    ...(options.user === undefined ? {} : { user: options.user, pass: options.password ?? "" }),
    timeout: options.connectTimeoutMs ?? 5_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
    pingInterval: 5_000,
    maxPingOut: 2,
  }).catch((cause: unknown) => {
    throw new ServiceError("BUS_DISCONNECTED", `no NATS server at ${options.servers}`, { cause });
  });
  return wrap(connection);
}

function wrap(connection: NatsConnection): Bus {
  const reader = createInbox("reader");
  let nextReader = 1;
  let downSinceMs: number | undefined;
  let totalOutageMs = 0;
  let dropped = 0;

  void (async () => {
    for await (const event of connection.status()) {
      if (event.type === "disconnect") downSinceMs ??= performance.now();
      if (event.type === "reconnect" && downSinceMs !== undefined) {
        totalOutageMs += performance.now() - downSinceMs;
        downSinceMs = undefined;
      }
    }
  })();

  const bus: Bus = {
    get connected() {
      return downSinceMs === undefined && !connection.isClosed();
    },
    get droppedWhileDown() {
      return dropped;
    },
    outageMs: () => totalOutageMs + (downSinceMs === undefined ? 0 : performance.now() - downSinceMs),
    publish(subject, data, options = {}) {
      if (!bus.connected || connection.isDraining()) {
        dropped++;
        return;
      }
      connection.publish(subject, data, {
        ...(options.headers === undefined ? {} : { headers: toHeaders(options.headers) }),
        ...(options.reply === undefined ? {} : { reply: options.reply }),
      });
    },
    subscribe(subject, options) {
      const queue = new BoundedQueue<BusMessage>(options.limit, options.overflow);
      const id = `${reader}.${nextReader++}`;
      const subscription = connection.subscribe(subject, {
        ...(options.queueGroup === undefined ? {} : { queue: options.queueGroup }),
        callback: (error, message) => {
          if (error) queue.fail(new ServiceError("BUS_DISCONNECTED", error.message, { cause: error }));
          else if (message.headers?.has(probeHeader)) message.respond(nothing, { headers: toHeaders({ [readerHeader]: id }) });
          else queue.push(toMessage(message));
        },
      });
      subscription.closed.then(
        () => queue.end(),
        () => queue.end(),
      );
      const wrapped: Subscription = {
        close() {
          if (!connection.isClosed()) subscription.unsubscribe();
          queue.end();
        },
        stats: () => ({ delivered: queue.delivered, dropped: queue.dropped }),
        [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
      };
      return wrapped;
    },
    async request(subject, data, options) {
      if (!bus.connected) throw new ServiceError("BUS_DISCONNECTED", "the connection is down");
      if (options.signal?.aborted) throw ServiceError.from(options.signal.reason);
      const answer = connection
        .request(subject, data, {
          timeout: options.timeoutMs,
          ...(options.headers === undefined ? {} : { headers: toHeaders(options.headers) }),
        })
        .catch((cause: unknown) => {
          if (cause instanceof NoRespondersError || (cause instanceof Error && cause.cause instanceof NoRespondersError))
            throw new ServiceError("NO_RESPONDERS", `nobody listens on ${subject}`, { cause });
          if (cause instanceof TimeoutError)
            throw new ServiceError("DEADLINE", `no answer on ${subject} within ${options.timeoutMs} ms`, { cause });
          throw new ServiceError("BUS_DISCONNECTED", `the request on ${subject} failed`, { cause });
        });
      const message = toMessage(await abortable(answer, options.signal));
      const error = errorFromHeaders(message.headers);
      if (error) throw error;
      return message;
    },
    probe: (subject, readers, options) => probeReaders(bus, subject, readers, options),
    keyValue: (name, options) => openNatsKeyValue(connection, name, options),
    flush: () => connection.flush(),
    async drain() {
      if (!connection.isClosed()) await (bus.connected ? connection.drain() : connection.close());
    },
  };
  return bus;
}

function toMessage(message: Msg): BusMessage {
  const headers: Record<string, string> = {};
  if (message.headers) for (const [key, values] of message.headers) headers[key] = values[0] ?? "";
  return { subject: message.subject, data: message.data, headers, reply: message.reply };
}

function toHeaders(record: Headers): MsgHdrs {
  const result = createHeaders();
  for (const [key, value] of Object.entries(record)) result.set(key, value);
  return result;
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await promise;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(ServiceError.from(signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
