import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BoundedQueue } from "@troupe/bus";
import {
  type Clause,
  ConversationService,
  type ConverseRequest,
  ConverseRequestSchema,
  type ConverseResponse,
  type ResponseDone,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { createClient } from "@troupe/rpc";
import type { Converse } from "../ask/ask.ts";

type Message = NonNullable<MessageInitShape<typeof ConverseRequestSchema>["message"]>;
type Start = MessageInitShape<typeof ConverseRequestSchema> extends infer _ ? Extract<Message, { case: "start" }>["value"] : never;
export type Event = ConverseResponse["event"];
export type EventOf<Case extends string> = Extract<Event, { case: Case }>;

export interface Answered {
  readonly response: number;
  readonly text: string;
  readonly clauses: readonly Clause[];
  readonly done: ResponseDone;
}

/** A caller of a gateway, driven by a test: sends what it is told, keeps every event but the media. */
export class Caller implements AsyncDisposable {
  readonly events: { readonly event: Event; readonly atMs: number }[] = [];
  readonly mediaUnits = { audio: 0, video: 0 };
  readonly ended: Promise<unknown>;
  readonly #requests = new BoundedQueue<ConverseRequest>(65_536, "fail");
  readonly #converse: Converse;
  readonly #controller = new AbortController();
  #close: () => void = () => undefined;
  #changed = Promise.withResolvers<void>();
  #over = false;

  /** @param gateway its address, or a way to hold a conversation in this process */
  constructor(gateway: string | Converse, start: Start) {
    if (typeof gateway === "string") {
      const client = createClient(ConversationService, gateway);
      this.#converse = (requests, signal) => client.converse(requests, { signal });
      this.#close = () => client[Symbol.dispose]();
    } else this.#converse = gateway;
    this.send({ case: "start", value: start });
    this.ended = this.#read();
  }

  send(message: Message): void {
    this.#requests.push(create(ConverseRequestSchema, { message }));
  }

  /** The first event from `from` on that fits. Rejects when the call ends before. */
  async next<Case extends NonNullable<Event["case"]>>(
    kind: Case,
    from: number,
    fits: (value: EventOf<Case>["value"]) => boolean = () => true,
  ): Promise<{ readonly value: EventOf<Case>["value"]; readonly atMs: number; readonly index: number }> {
    for (let index = from; ; ) {
      for (; index < this.events.length; index++) {
        const { event, atMs } = this.events[index] as { event: Event; atMs: number };
        if (event.case === kind && fits(event.value as EventOf<Case>["value"]))
          return { value: event.value as EventOf<Case>["value"], atMs, index };
      }
      if (this.#over) throw new Error(`the call ended without ${kind}; it saw ${this.events.map(({ event }) => event.case).join(", ")}`);
      await this.#changed.promise;
    }
  }

  /** Types a question and waits for the whole answer. */
  async ask(text: string): Promise<Answered> {
    const from = this.events.length;
    this.send({ case: "text", value: { text, language: "en" } });
    const created = await this.next("responseCreated", from, (value) => value.utterance > 0);
    return await this.answer(created.value.response, from);
  }

  async answer(response: number, from: number): Promise<Answered> {
    const done = await this.next("responseDone", from, (value) => value.response === response);
    const clauses = this.events
      .slice(from)
      .flatMap(({ event }) =>
        event.case === "responseText" && event.value.response === response && event.value.clause ? [event.value.clause] : [],
      );
    return { response, clauses, text: clauses.map((clause) => clause.text).join(" "), done: done.value };
  }

  async finish(): Promise<unknown> {
    this.send({ case: "finish", value: {} });
    return await this.ended;
  }

  /** Goes away amid the call, as a lost connection does. Resolves with the failure that ended it. */
  async cut(): Promise<unknown> {
    this.#controller.abort(new ServiceError("CANCELLED", "the caller went away"));
    return await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#requests.end();
    this.#close();
    await this.ended;
  }

  /** Resolves with the failure that ended the call, or with nothing. */
  async #read(): Promise<unknown> {
    try {
      for await (const { event } of this.#converse(this.#requests, this.#controller.signal)) {
        if (event.case === "av") {
          if (event.value.body.case === "unit") this.mediaUnits[event.value.body.value.track === 1 ? "audio" : "video"]++;
          continue;
        }
        this.events.push({ event, atMs: performance.now() });
        this.#notify();
      }
      return undefined;
    } catch (thrown) {
      return thrown;
    } finally {
      this.#over = true;
      this.#notify();
    }
  }

  #notify(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers();
    changed.resolve();
  }
}
