import { randomUUID } from "node:crypto";
import { logThrown } from "@troupe/service";
import { watchFiles } from "../../http/watched-files.ts";
import { defaultWebhookPolicy, type WebhookPolicy, WebhookQueue, type WebhookQueueDeps } from "./webhook-queue.ts";
import { readWebhooksFile, type WebhookEndpoint, type WebhookEventType } from "./webhooks-file.ts";

/** What is told of an event. */
export interface WebhookEvent {
  readonly type: WebhookEventType;
  readonly data: Readonly<Record<string, unknown>>;
  /** What was said: added to `data` for endpoints that want it. */
  readonly text?: Readonly<Record<string, unknown>>;
}

export interface Webhooks {
  /** Never blocks, never throws. */
  send(tenant: string, event: WebhookEvent): void;
  close(): void;
}

/**
 * Tells the endpoints of a file, which is followed while it changes; a broken one changes nothing.
 * @throws ServiceError INVALID_CONFIG where it is broken from the start
 */
export async function openWebhooks(path: string, deps: WebhookQueueDeps, policy: WebhookPolicy = defaultWebhookPolicy): Promise<Webhooks> {
  let queues = merge(new Map(), await readWebhooksFile(path));
  const stop = watchFiles([path], deps.clock, async () => {
    try {
      queues = merge(queues, await readWebhooksFile(path));
    } catch (thrown) {
      logThrown(deps.logger, thrown, "the webhooks stay as they were");
    }
  });

  /** An endpoint that stays as it is keeps what waits for it. */
  function merge(before: Queues, endpoints: readonly WebhookEndpoint[]): Queues {
    const after: Queues = new Map();
    for (const endpoint of endpoints) {
      const key = JSON.stringify(endpoint);
      after.set(key, before.get(key) ?? { endpoint, queue: new WebhookQueue(deps, endpoint, policy) });
    }
    for (const [key, { queue }] of before) if (!after.has(key)) queue.close();
    return after;
  }

  return {
    send(tenant, { type, data, text }) {
      const id = `msg_${randomUUID()}`;
      const timestamp = new Date(deps.utcNowMs()).toISOString();
      for (const { endpoint, queue } of queues.values()) {
        if (endpoint.tenant !== tenant || !endpoint.events.includes(type)) continue;
        queue.push({ id, body: JSON.stringify({ type, timestamp, data: { ...data, ...(endpoint.text ? text : {}) } }) });
      }
    },
    close() {
      stop();
      for (const { queue } of queues.values()) queue.close();
    },
  };
}

type Queues = Map<string, { readonly endpoint: WebhookEndpoint; readonly queue: WebhookQueue }>;
