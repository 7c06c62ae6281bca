import { type Context, context as otelContext, SpanStatusCode, trace } from "@opentelemetry/api";
import { extractContext, type Headers, traceHeaders } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import type { EdgeWriter } from "./adapter/edge-writer.ts";
import type { InStream } from "./adapter/in-stream.ts";
import type { EdgeBody, StageName, StreamEdge } from "./edges.ts";
import type { Stage, StageInstance, StageSession } from "./stage.ts";
import { addStageTime } from "./stage-times.ts";
import { toStreamError } from "./stream-error.ts";

/** One utterance or response being worked on. */
export interface StageCall<In extends StreamEdge> {
  readonly session: StageSession;
  readonly number: number;
  readonly input: AsyncIterable<EdgeBody<In>>;
  /** Aborted when the response is cancelled, the session closes or its owner is silent. */
  readonly signal: AbortSignal;
}

export interface KeyedStageDefinition<In extends StreamEdge, Out extends StreamEdge> {
  readonly name: StageName;
  readonly input: In;
  readonly output: Out;
  /** Refuses settings it cannot serve. */
  check?(session: StageSession): void;
  /** Yields the bodies of the output stream; the adapter ends it. What it throws ends the stream with that error. */
  respond(call: StageCall<In>): AsyncIterable<EdgeBody<Out>>;
}

const tracer = trace.getTracer("troupe.stage");

/** A stage whose work is one output stream for each numbered input stream: asr, llm, tts, face. */
export function keyedStage<In extends StreamEdge, Out extends StreamEdge>(definition: KeyedStageDefinition<In, Out>): Stage {
  return {
    name: definition.name,
    open(session) {
      definition.check?.(session);
      return new KeyedInstance(definition, session);
    },
  };
}

interface Call {
  readonly controller: AbortController;
  /** Whether its first packet has come. */
  begun: boolean;
  done: Promise<void>;
}

class KeyedInstance<In extends StreamEdge, Out extends StreamEdge> implements StageInstance {
  readonly #definition: KeyedStageDefinition<In, Out>;
  readonly #session: StageSession;
  readonly #calls = new Map<number, Call>();

  constructor(definition: KeyedStageDefinition<In, Out>, session: StageSession) {
    this.#definition = definition;
    this.#session = session;
  }

  onStream(stream: InStream<StreamEdge>): void {
    const call: Call = { controller: new AbortController(), begun: false, done: Promise.resolve() };
    this.#calls.set(stream.number, call);
    call.done = this.#respond(stream as unknown as InStream<In>, call).finally(() => this.#calls.delete(stream.number));
  }

  onState(): void {
    const writer = this.#session.writer(this.#definition.output);
    for (const [number, call] of this.#calls)
      if (writer.isCancelled(number)) call.controller.abort(new ServiceError("CANCELLED", `response ${number} is cancelled`));
  }

  async idle(): Promise<void> {
    while (this.#calls.size > 0) await Promise.all([...this.#calls.values()].map((call) => call.done));
  }

  /** What has begun is given up and ends with that error; what was only announced is still served when the owner is back. */
  suspend(): void {
    for (const call of this.#calls.values())
      if (call.begun) call.controller.abort(new ServiceError("STAGE_FAILED", "the owner was silent; the work on this was given up"));
  }

  async close(): Promise<void> {
    for (const call of this.#calls.values()) call.controller.abort(new ServiceError("CANCELLED", "the session is closed"));
    await this.idle();
  }

  async #respond(stream: InStream<In>, state: Call): Promise<void> {
    const { name, output } = this.#definition;
    const { metrics, logger, clock } = this.#session;
    const writer = this.#session.writer(output);
    const { number } = stream;
    const first = new FirstPacket(stream, () => clock.nowMs());
    let span: ReturnType<typeof tracer.startSpan> | undefined;
    let outcome = "ok";
    try {
      const call: StageCall<In> = { session: this.#session, number, input: first, signal: state.controller.signal };
      await first.arrived;
      state.begun = true;
      const parent = extractContext(stream.headers);
      span = tracer.startSpan(`${name} respond`, { attributes: { "troupe.stage": name, "troupe.number": number } }, parent);
      const within = trace.setSpan(parent, span);
      await otelContext.with(within, () => this.#write(call, writer, within, first, stream.headers));
      writer.end(number, {});
    } catch (thrown) {
      const { signal } = state.controller;
      const error = ServiceError.from(signal.aborted ? signal.reason : thrown);
      outcome = error.reason === "CANCELLED" ? "cancelled" : error.reason;
      if (error.reason !== "CANCELLED") {
        logger.warn({ stage: name, number, reason: error.reason, err: error.reason === "INTERNAL" ? error : undefined }, "a stream failed");
        span?.setStatus({ code: SpanStatusCode.ERROR, message: error.reason });
      }
      if (!writer.isCancelled(number)) writer.end(number, { error: toStreamError(error, name) });
    } finally {
      span?.setAttribute("troupe.outcome", outcome);
      span?.end();
      metrics.streams.inc({ stage: name, outcome });
    }
  }

  async #write(call: StageCall<In>, writer: EdgeWriter<Out>, within: Context, input: FirstPacket<In>, upstream: Headers): Promise<void> {
    const { name } = this.#definition;
    let first = true;
    for await (const body of this.#definition.respond(call)) {
      if (call.signal.aborted) throw ServiceError.from(call.signal.reason);
      let headers: Headers | undefined;
      if (first) {
        const elapsedMs = this.#session.clock.nowMs() - input.atMs;
        this.#session.metrics.firstOutputSeconds.observe({ stage: name }, elapsedMs / 1000);
        headers = { ...traceHeaders(within), ...addStageTime(upstream, name, elapsedMs) };
        first = false;
      }
      await writer.write(call.number, body, call.signal, headers);
    }
  }
}

/** Passes a stream on and tells when its first packet came, since trace context and timing hang on that. */
class FirstPacket<E extends StreamEdge> implements AsyncIterable<EdgeBody<E>> {
  readonly arrived: Promise<void>;
  atMs = 0;
  readonly #iterator: AsyncIterator<EdgeBody<E>>;
  #first: Promise<IteratorResult<EdgeBody<E>>> | undefined;

  constructor(stream: InStream<E>, nowMs: () => number) {
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#first = this.#iterator.next();
    this.arrived = this.#first.then(() => {
      this.atMs = nowMs();
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<EdgeBody<E>> {
    return {
      next: () => {
        const first = this.#first;
        this.#first = undefined;
        return first ?? this.#iterator.next();
      },
      return: async () => (await this.#iterator.return?.()) ?? { value: undefined, done: true },
    };
  }
}
