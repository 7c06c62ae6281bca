import { ServiceError } from "@troupe/errors";
import type { Bus } from "./bus.ts";

/** Header of a probe; its value tells answers of different probes apart. */
export const probeHeader = "Troupe-Probe";
/** Header of an answer; its value tells readers apart. */
export const readerHeader = "Troupe-Reader";

const nothing = new Uint8Array();

/** Asks again every 50 ms, since a reader may subscribe after the first question. */
export async function probeReaders(
  bus: Bus,
  subject: string,
  readers: number,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const inbox = `_INBOX.${crypto.randomUUID()}`;
  const answers = bus.subscribe(inbox, { limit: 64, overflow: "drop-oldest" });
  const seen = new Set<string>();
  const ask = () => bus.publish(subject, nothing, { reply: inbox, headers: { [probeHeader]: "1" } });
  const again = setInterval(ask, 50);
  const stop = () => answers.close();
  const timer = setTimeout(stop, options.timeoutMs);
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    ask();
    for await (const answer of answers) {
      const reader = answer.headers[readerHeader];
      if (reader) seen.add(reader);
      if (seen.size >= readers) return;
    }
    if (options.signal?.aborted) throw ServiceError.from(options.signal.reason);
    const edge = subject.slice(subject.lastIndexOf(".") + 1);
    throw new ServiceError("NO_RESPONDERS", `${seen.size} of ${readers} readers answered on edge ${edge}`, { metadata: { edge } });
  } finally {
    clearInterval(again);
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", stop);
    answers.close();
  }
}
