import { once } from "node:events";
import type { Writable } from "node:stream";

/** Writes every message, at the pace of the receiver; stops when the signal aborts. */
export async function writeAll(target: Writable, messages: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  for await (const message of messages) {
    if (signal.aborted) throw signal.reason;
    if (!target.write(message)) await once(target, "drain", { signal });
  }
}
