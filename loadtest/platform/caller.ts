import type { AudioCodec, ConverseResponse, Pacing, Track } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type Converse, Microphone, questionRateHz } from "@troupe/troupe";

export interface CallerOptions {
  readonly width: number;
  readonly height: number;
  readonly pacing: Pacing;
  readonly audioCodec: AudioCodec;
  /** Whether the microphone is open: sound flows in real time, 20 ms at a time, silent where nobody speaks. */
  readonly microphone: boolean;
  readonly signal: AbortSignal;
}

export type ConverseEvent = ConverseResponse["event"];
export type EventOf<Case extends ConverseEvent["case"]> = Extract<ConverseEvent, { case: Case }>["value"];

interface Waiting {
  readonly accept: (event: ConverseEvent) => boolean;
  readonly resolve: () => void;
}

/** One person in one session. Times on performance.now(). */
export class Caller implements AsyncDisposable {
  readonly microphone: Microphone;
  /** Called at every event, as it comes. */
  onEvent: (event: ConverseEvent, nowMs: number) => void = () => undefined;
  readonly #waiting = new Set<Waiting>();
  readonly #ended: Promise<void>;
  readonly #leave = new AbortController();
  #failure: ServiceError | undefined;

  private constructor(converse: Converse, options: CallerOptions) {
    this.microphone = new Microphone(options.microphone);
    this.#ended = this.#read(converse(this.microphone.requests, AbortSignal.any([options.signal, this.#leave.signal])));
  }

  /** Resolves when the session is open. @throws ServiceError what the gateway refused it with */
  static async connect(converse: Converse, options: CallerOptions): Promise<Caller> {
    const caller = new Caller(converse, options);
    const { width, height, pacing, audioCodec } = options;
    const started = caller.next((event) => event.case === "started");
    const presentation = { width, height, framesPerSecond: 25, captions: width > 0, pacing, audioCodec };
    const asap = !options.microphone;
    caller.microphone.send({ case: "start", value: { tenant: "demo", language: "en", sampleRateHz: questionRateHz, asap, presentation } });
    await started;
    if (options.microphone) caller.microphone.open();
    return caller;
  }

  /** The next event that is accepted. @throws ServiceError why the session ended before, DEADLINE */
  async next(accept: (event: ConverseEvent) => boolean, timeoutMs = 30_000): Promise<void> {
    if (this.#failure) throw this.#failure;
    const found = Promise.withResolvers<void>();
    const entry = { accept, resolve: found.resolve };
    this.#waiting.add(entry);
    const timer = setTimeout(() => found.reject(new ServiceError("DEADLINE", `nothing happened within ${timeoutMs} ms`)), timeoutMs);
    const onEnd = () => found.reject(this.#failure ?? new ServiceError("CANCELLED", "the session ended"));
    void this.#ended?.then(onEnd);
    try {
      await found.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(entry);
    }
  }

  /** Leaves at once, whatever is being said. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.microphone.close();
    this.#leave.abort();
    await this.#ended;
  }

  async #read(events: AsyncIterable<ConverseResponse>): Promise<void> {
    try {
      for await (const { event } of events) {
        const nowMs = performance.now();
        this.onEvent(event, nowMs);
        for (const entry of this.#waiting) if (entry.accept(event)) entry.resolve();
      }
    } catch (thrown) {
      this.#failure = ServiceError.from(thrown);
    }
  }
}

/** The access unit of an event, if it is one of that track. */
export function unitOf(event: ConverseEvent, track: Track) {
  if (event.case !== "av" || event.value.body.case !== "unit") return undefined;
  return event.value.body.value.track === track ? event.value.body.value : undefined;
}
