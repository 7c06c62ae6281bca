import type { Bus, BusMessage, Subscription } from "./bus.ts";
import { headersFromError } from "./error-headers.ts";

export interface ServeOptions {
  readonly queueGroup?: string;
  /** Requests that may wait. Default 256; more are dropped, and their senders time out. */
  readonly limit?: number;
}

/** Answers requests, many at a time; what the handler throws reaches the requester as the same ServiceError. Undefined answers nothing. */
export function serve(
  bus: Bus,
  subject: string,
  handler: (request: BusMessage) => Promise<Uint8Array | undefined>,
  options: ServeOptions = {},
): Subscription {
  const { queueGroup, limit = 256 } = options;
  const requests = bus.subscribe(subject, { limit, overflow: "drop-newest", ...(queueGroup === undefined ? {} : { queueGroup }) });
  const answer = async (request: BusMessage) => {
    const reply = request.reply;
    if (reply === undefined) return;
    try {
      const data = await handler(request);
      if (data) bus.publish(reply, data);
    } catch (thrown) {
      bus.publish(reply, new Uint8Array(), { headers: headersFromError(thrown) });
    }
  };
  void (async () => {
    for await (const request of requests) void answer(request);
  })();
  return requests;
}
