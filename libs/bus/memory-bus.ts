import { ServiceError } from "@troupe/errors";
import { BoundedQueue } from "./bounded-queue.ts";
import type { Bus, BusMessage, PublishOptions, SubscribeOptions, Subscription } from "./bus.ts";
import { errorFromHeaders } from "./error-headers.ts";
import type { KeyValueStore } from "./key-value.ts";
import { createMemoryKeyValue } from "./memory-key-value.ts";
import { probeHeader, probeReaders, readerHeader } from "./probe.ts";

export interface MemoryBroker {
  connect(): Bus;
  /** Cuts every connection, as a restart of a server does; `restore` brings them back. */
  interrupt(): { restore(): void };
}

interface Route {
  readonly id: string;
  readonly tokens: readonly string[];
  readonly group: string | undefined;
  readonly queue: BoundedQueue<BusMessage>;
}

const nothing = new Uint8Array();

/**
 * The bus within one process. Messages reach their readers' queues at once.
 * @param nowMs what outages are measured with
 */
export function createMemoryBroker(nowMs: () => number = () => performance.now()): MemoryBroker {
  const exact = new Map<string, Set<Route>>();
  const patterns = new Set<Route>();
  const stores = new Map<string, KeyValueStore>();
  let nextId = 1;
  let downSinceMs: number | undefined;
  let totalOutageMs = 0;

  function routesOf(subject: string): Route[] {
    const found = [...(exact.get(subject) ?? [])];
    if (patterns.size > 0) {
      const tokens = subject.split(".");
      for (const route of patterns) if (matches(route.tokens, tokens)) found.push(route);
    }
    return onePerGroup(found);
  }

  function deliver(message: BusMessage): number {
    const routes = routesOf(message.subject);
    for (const route of routes) {
      if (message.headers[probeHeader] === undefined) route.queue.push(message);
      else if (message.reply) deliver({ subject: message.reply, data: nothing, headers: { [readerHeader]: route.id }, reply: undefined });
    }
    return routes.length;
  }

  function connect(): Bus {
    const mine = new Set<Subscription>();
    let dropped = 0;
    let closed = false;
    const bus: Bus = {
      get connected() {
        return !closed && downSinceMs === undefined;
      },
      get droppedWhileDown() {
        return dropped;
      },
      outageMs: () => totalOutageMs + (downSinceMs === undefined ? 0 : nowMs() - downSinceMs),
      publish(subject, data, options: PublishOptions = {}) {
        if (!bus.connected) dropped++;
        else deliver({ subject, data, headers: options.headers ?? {}, reply: options.reply });
      },
      subscribe(subject, options: SubscribeOptions) {
        const queue = new BoundedQueue<BusMessage>(options.limit, options.overflow);
        const route: Route = { id: String(nextId++), tokens: subject.split("."), group: options.queueGroup, queue };
        const remove = addRoute(subject, route);
        const subscription: Subscription = {
          close() {
            mine.delete(subscription);
            remove();
            queue.end();
          },
          stats: () => ({ delivered: queue.delivered, dropped: queue.dropped }),
          [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
        };
        mine.add(subscription);
        return subscription;
      },
      async request(subject, data, options) {
        if (!bus.connected) throw new ServiceError("BUS_DISCONNECTED", "the connection is down");
        if (options.signal?.aborted) throw ServiceError.from(options.signal.reason);
        const inbox = `_INBOX.${nextId++}`;
        const answers = bus.subscribe(inbox, { limit: 1, overflow: "drop-newest" });
        const timer = setTimeout(() => answers.close(), options.timeoutMs);
        const abort = () => answers.close();
        options.signal?.addEventListener("abort", abort, { once: true });
        try {
          const listeners = deliver({ subject, data, headers: options.headers ?? {}, reply: inbox });
          if (listeners === 0) throw new ServiceError("NO_RESPONDERS", `nobody listens on ${subject}`);
          const answer = await firstOf(answers);
          if (answer) return answer;
          if (options.signal?.aborted) throw ServiceError.from(options.signal.reason);
          throw new ServiceError("DEADLINE", `no answer on ${subject} within ${options.timeoutMs} ms`);
        } finally {
          clearTimeout(timer);
          options.signal?.removeEventListener("abort", abort);
          answers.close();
        }
      },
      probe: (subject, readers, options) => probeReaders(bus, subject, readers, options),
      async keyValue(name, options) {
        const store = stores.get(name) ?? createMemoryKeyValue(options, nowMs);
        stores.set(name, store);
        return store;
      },
      flush: async () => undefined,
      async drain() {
        for (const subscription of [...mine]) subscription.close();
        closed = true;
      },
    };
    return bus;
  }

  function addRoute(subject: string, route: Route): () => void {
    if (/(^|\.)[*>](\.|$)/.test(subject)) {
      patterns.add(route);
      return () => patterns.delete(route);
    }
    const routes = exact.get(subject) ?? new Set();
    exact.set(subject, routes.add(route));
    return () => {
      routes.delete(route);
      if (routes.size === 0 && exact.get(subject) === routes) exact.delete(subject);
    };
  }

  return {
    connect,
    interrupt() {
      downSinceMs = nowMs();
      return {
        restore() {
          if (downSinceMs !== undefined) totalOutageMs += nowMs() - downSinceMs;
          downSinceMs = undefined;
        },
      };
    },
  };
}

/** The first answer, unless it is an error; undefined when the inbox was closed before. */
async function firstOf(answers: Subscription): Promise<BusMessage | undefined> {
  for await (const answer of answers) {
    const error = errorFromHeaders(answer.headers);
    if (error) throw error;
    return answer;
  }
  return undefined;
}

function matches(pattern: readonly string[], tokens: readonly string[]): boolean {
  for (const [index, part] of pattern.entries()) {
    if (part === ">") return tokens.length > index;
    if (tokens[index] === undefined || (part !== "*" && part !== tokens[index])) return false;
  }
  return pattern.length === tokens.length;
}

function onePerGroup(routes: Route[]): Route[] {
  if (!routes.some((route) => route.group !== undefined)) return routes;
  const groups = new Map<string, Route[]>();
  const alone = routes.filter((route) => route.group === undefined);
  for (const route of routes) if (route.group !== undefined) groups.set(route.group, [...(groups.get(route.group) ?? []), route]);
  for (const members of groups.values()) alone.push(members[Math.floor(Math.random() * members.length)] as Route);
  return alone;
}
