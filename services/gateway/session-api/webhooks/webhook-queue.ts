import { ServiceError } from "@troupe/errors";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { post } from "./post.ts";
import { signedHeaders, type WebhookMessage } from "./webhook-message.ts";
import type { WebhookEndpoint } from "./webhooks-file.ts";

export interface WebhookPolicy {
  /** Messages of one endpoint that may wait, those that are tried again included; further ones are dropped. */
  readonly maxWaiting: number;
  /** Requests to one endpoint at a time. */
  readonly maxConcurrent: number;
  readonly timeoutMs: number;
  /** Pauses before the second attempt, the third … */
  readonly backoffMs: readonly number[];
}

export const defaultWebhookPolicy: WebhookPolicy = {
  maxWaiting: 1000,
  maxConcurrent: 4,
  timeoutMs: 10_000,
  backoffMs: [1000, 5000, 30_000, 120_000, 600_000],
};

export interface WebhookQueueDeps {
  readonly clock: Clock;
  readonly utcNowMs: () => number;
  readonly logger: Logger;
}

interface Waiting {
  readonly message: WebhookMessage;
  readonly attempt: number;
}

/** 410: the receiver wants no more of these (Standard Webhooks). */
const gone = 410;

/** Delivers to one endpoint, at least once, in no promised order. What waits is lost with the process. */
export class WebhookQueue {
  readonly #deps: WebhookQueueDeps;
  readonly #endpoint: WebhookEndpoint;
  readonly #policy: WebhookPolicy;
  readonly #ready: Waiting[] = [];
  readonly #pauses = new Set<() => void>();
  readonly #abort = new AbortController();
  #running = 0;
  #closed = false;

  constructor(deps: WebhookQueueDeps, endpoint: WebhookEndpoint, policy: WebhookPolicy = defaultWebhookPolicy) {
    this.#deps = deps;
    this.#endpoint = endpoint;
    this.#policy = policy;
  }

  get waiting(): number {
    return this.#ready.length + this.#pauses.size + this.#running;
  }

  push(message: WebhookMessage): void {
    if (this.#closed) return;
    if (this.waiting >= this.#policy.maxWaiting) return this.#complain("dropped, since too many wait", 0);
    this.#ready.push({ message, attempt: 0 });
    this.#next();
  }

  /** Gives up what waits, and breaks off what is being sent. */
  close(): void {
    this.#closed = true;
    this.#ready.length = 0;
    for (const cancel of this.#pauses) cancel();
    this.#pauses.clear();
    this.#abort.abort();
  }

  #next(): void {
    while (this.#running < this.#policy.maxConcurrent) {
      const waiting = this.#ready.shift();
      if (!waiting) return;
      this.#running++;
      void this.#attempt(waiting).then((again) => {
        this.#running--;
        if (again) this.#later(waiting);
        if (!this.#closed) this.#next();
      });
    }
  }

  /** @returns whether to try again */
  async #attempt({ message, attempt }: Waiting): Promise<boolean> {
    const status = await this.#send(message);
    if (this.#closed || (status >= 200 && status < 300)) return false;
    if (status === gone) {
      this.#complain("refused for good: the endpoint is gone", status);
      this.close();
      return false;
    }
    const again = attempt < this.#policy.backoffMs.length;
    if (!again) this.#complain("given up", status);
    return again;
  }

  /** @returns the status of the answer; 0: none came */
  async #send(message: WebhookMessage): Promise<number> {
    const { url, secret, private: allowPrivate } = this.#endpoint;
    const timeout = new AbortController();
    const cancel = this.#deps.clock.setTimer(this.#policy.timeoutMs, () => timeout.abort());
    try {
      const headers = signedHeaders(message, secret, this.#deps.utcNowMs());
      const signal = AbortSignal.any([timeout.signal, this.#abort.signal]);
      return await post({ url, headers, body: message.body, allowPrivate, signal });
    } catch (thrown) {
      this.#deps.logger.debug({ detail: ServiceError.from(thrown).message }, "a webhook got no answer");
      return 0;
    } finally {
      cancel();
    }
  }

  #later({ message, attempt }: Waiting): void {
    const cancel = this.#deps.clock.setTimer(this.#policy.backoffMs[attempt] ?? 0, () => {
      this.#pauses.delete(cancel);
      this.#ready.push({ message, attempt: attempt + 1 });
      this.#next();
    });
    this.#pauses.add(cancel);
  }

  #complain(what: string, status: number): void {
    const { tenant, url } = this.#endpoint;
    this.#deps.logger.warn({ tenant, host: new URL(url).host, status }, `a webhook was ${what}`);
  }
}
