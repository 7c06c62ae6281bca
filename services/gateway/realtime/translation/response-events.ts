import type { AccessUnit, ResponseDone } from "@troupe/contracts";
import { joinWords } from "@troupe/timeline";
import type { AudioFormat } from "../protocol/audio-format.ts";
import type { Item } from "../protocol/conversation-item.ts";
import type { ServerEvent } from "../protocol/server-event.ts";
import type { AudioOutput } from "./audio-output.ts";
import type { Ids } from "./ids.ts";
import { type ItemList, message } from "./item-list.ts";
import { type CancelReason, newResponse, type ResponseRecord, statusOf, usageOf } from "./response-record.ts";

export interface ResponseEventsDeps {
  readonly ids: Ids;
  readonly items: ItemList;
  /** Sound of responses goes into events where there is one. */
  readonly audio: () => AudioOutput | undefined;
  readonly format: () => AudioFormat;
  /** Sound of the person since the last response, in milliseconds. */
  readonly takeHeardMs: () => number;
}

/** What belongs to a response that the client asks for. */
export interface Expected {
  readonly metadata: object | null;
  /** The response is over. */
  readonly onDone: () => void;
}

/** Responses that are over and whose stragglers are known. */
const maxOver = 64;

/** What the avatar says, as `response.*` and items of the conversation. */
export class ResponseEvents {
  readonly #deps: ResponseEventsDeps;
  readonly #open = new Map<number, ResponseRecord>();
  readonly #over = new Set<number>();
  #expected: Expected | undefined;
  readonly #asked = new Map<number, Expected>();

  constructor(deps: ResponseEventsDeps) {
    this.#deps = deps;
  }

  /** The latest response that is not over. */
  get active(): number | undefined {
    return [...this.#open.values()].findLast(({ ending }) => ending === undefined)?.number;
  }

  /** Whether a response waits for the rest of its sound. */
  get ending(): boolean {
    return [...this.#open.values()].some(({ ending }) => ending !== undefined);
  }

  /** The client asks for a response, to which this belongs. @returns takes it back */
  expect(expected: Expected): () => void {
    this.#expected = expected;
    return () => {
      if (this.#expected === expected) this.#expected = undefined;
    };
  }

  /** The client, not the person's voice, ends a response. */
  cancelledBy(response: number, reason: CancelReason): void {
    const record = this.#open.get(response);
    if (record) record.cancelled ??= reason;
  }

  created(response: number): ServerEvent[] {
    return this.#over.has(response) || this.#open.has(response) ? [] : this.#create(response);
  }

  text(response: number, clause: string): ServerEvent[] {
    if (this.#over.has(response)) return [];
    const events = this.#begin(response);
    const record = this.#record(response);
    const text = joinWords([record.text, clause]);
    const delta = text.slice(record.text.length);
    record.text = text;
    if (delta !== "") events.push({ type: "response.output_audio_transcript.delta", ...this.#place(response), delta });
    return events;
  }

  sound({ response, responsePtsUs, durationUs, data }: AccessUnit): ServerEvent[] {
    const events = this.#endOthers(response);
    const audio = this.#deps.audio();
    if (!audio || response === 0 || this.#over.has(response) || this.#open.get(response)?.cancelled) return events;
    events.push(...this.#begin(response));
    const record = this.#record(response);
    record.sounded = true;
    record.soundUs = Math.max(record.soundUs, Number(responsePtsUs) + durationUs);
    events.push(...this.#delta(response, audio.push(data)));
    return record.ending ? [...events, ...this.#endIfWhole(record, record.ending)] : events;
  }

  /** Nothing of it may be heard any more. */
  cancelled(response: number): void {
    this.cancelledBy(response, "turn_detected");
  }

  done(done: ResponseDone): ServerEvent[] {
    const { response } = done;
    if (this.#over.has(response)) return [];
    const events = this.created(response);
    const record = this.#record(response);
    record.ending = done;
    return [...events, ...this.#endIfWhole(record, done)];
  }

  /** What the person really heard of it is known by now. */
  heard(response: number, text: string): void {
    this.#deps.items.change(this.#deps.ids.answer(response), {
      status: "incomplete",
      content: [{ type: "output_audio", transcript: text }],
    });
  }

  /** Sound that has not come by now will not come. */
  settle(): ServerEvent[] {
    return this.#endOthers(undefined);
  }

  #endOthers(response: number | undefined): ServerEvent[] {
    return [...this.#open.values()].flatMap((record) =>
      record.ending && record.number !== response ? this.#end(record, record.ending) : [],
    );
  }

  /** Its report may overtake its last sound. */
  #endIfWhole(record: ResponseRecord, done: ResponseDone): ServerEvent[] {
    const awaited = record.sounded && record.cancelled === undefined && record.soundUs < Number(done.presentedUs);
    return awaited ? [] : this.#end(record, done);
  }

  #record(response: number): ResponseRecord {
    const record = this.#open.get(response) ?? newResponse(response);
    this.#open.set(response, record);
    return record;
  }

  #create(response: number): ServerEvent[] {
    this.#record(response);
    if (this.#expected) this.#asked.set(response, this.#expected);
    this.#expected = undefined;
    return [{ type: "response.created", response: this.#resource(response, { status: "in_progress" }) }];
  }

  #begin(response: number): ServerEvent[] {
    const events = this.created(response);
    const record = this.#record(response);
    if (record.begun) return events;
    record.begun = true;
    const { ids, items } = this.#deps;
    const item = message(ids.answer(response), "assistant", [], "in_progress");
    const previous = items.add(item) ?? null;
    return [
      ...events,
      { type: "response.output_item.added", response_id: ids.response(response), output_index: 0, item },
      { type: "conversation.item.added", previous_item_id: previous, item },
      { type: "response.content_part.added", ...this.#place(response), part: { type: "audio", transcript: "" } },
    ];
  }

  #end(record: ResponseRecord, done: ResponseDone): ServerEvent[] {
    const { number, text } = record;
    this.#open.delete(number);
    this.#over.add(number);
    for (const old of this.#over) if (this.#over.size > maxOver) this.#over.delete(old);
    const { status, details } = statusOf(record, done);
    const item = this.#finalItem(number, status === "completed" ? text : done.heardText, status === "completed");
    const place = this.#place(number);
    const events: ServerEvent[] = record.sounded ? this.#soundDone(record) : [];
    if (item)
      events.push(
        { type: "response.output_audio_transcript.done", ...place, transcript: text },
        { type: "response.content_part.done", ...place, part: { type: "audio", transcript: text } },
        { type: "response.output_item.done", response_id: place.response_id, output_index: 0, item },
        { type: "conversation.item.done", previous_item_id: this.#deps.items.before(item.id), item },
      );
    const usage = usageOf(this.#deps.takeHeardMs(), done.presentedUs);
    const response = this.#resource(number, { status, status_details: details, output: item ? [item] : [], usage });
    this.#asked.get(number)?.onDone();
    this.#asked.delete(number);
    return [...events, { type: "response.done", response }];
  }

  #soundDone(record: ResponseRecord): ServerEvent[] {
    const audio = this.#deps.audio();
    const rest = audio?.flush() ?? new Uint8Array();
    const last = record.cancelled === undefined ? this.#delta(record.number, rest) : [];
    return [...last, { type: "response.output_audio.done", ...this.#place(record.number) }];
  }

  #delta(response: number, bytes: Uint8Array): ServerEvent[] {
    if (bytes.byteLength === 0) return [];
    const delta = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
    return [{ type: "response.output_audio.delta", ...this.#place(response), delta }];
  }

  #finalItem(response: number, transcript: string, complete: boolean): Item | undefined {
    return this.#deps.items.change(this.#deps.ids.answer(response), {
      status: complete ? "completed" : "incomplete",
      content: [{ type: "output_audio", transcript }],
    });
  }

  #place(response: number) {
    const { ids } = this.#deps;
    return { response_id: ids.response(response), item_id: ids.answer(response), output_index: 0, content_index: 0 } as const;
  }

  #resource(response: number, state: object): object {
    const { ids, format } = this.#deps;
    return {
      id: ids.response(response),
      object: "realtime.response",
      status_details: null,
      output: [],
      conversation_id: ids.conversation,
      output_modalities: ["audio"],
      max_output_tokens: "inf",
      audio: { output: { format: format() } },
      usage: null,
      metadata: this.#asked.get(response)?.metadata ?? null,
      ...state,
    };
  }
}
