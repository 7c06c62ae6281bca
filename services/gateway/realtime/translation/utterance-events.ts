import type { StreamError } from "@troupe/contracts";
import { errorDetail } from "../protocol/error-event.ts";
import type { ServerEvent } from "../protocol/server-event.ts";
import type { Ids } from "./ids.ts";
import { type ItemList, message } from "./item-list.ts";

export interface UtteranceOptions {
  /** Whether voice activity, not the client, says where utterances begin and end. */
  readonly detected: boolean;
  readonly transcription: boolean;
}

/** The most utterances whose words are awaited. */
const maxAwaited = 64;

/** What the person says, as `input_audio_buffer.*` and items of the conversation. */
export class UtteranceEvents {
  readonly #ids: Ids;
  readonly #items: ItemList;
  /** Utterances whose words are awaited, with their length in seconds. */
  readonly #awaited = new Map<number, number>();
  readonly #startMs = new Map<number, number>();
  #heardMs = 0;

  constructor(ids: Ids, items: ItemList) {
    this.#ids = ids;
    this.#items = items;
  }

  /** Sound of utterances since the last call, in milliseconds. */
  takeHeardMs(): number {
    const heardMs = this.#heardMs;
    this.#heardMs = 0;
    return heardMs;
  }

  started(utterance: number, startMs: number, { detected }: UtteranceOptions): ServerEvent[] {
    this.#startMs.set(utterance, startMs);
    forgetOldest(this.#startMs);
    return detected
      ? [{ type: "input_audio_buffer.speech_started", audio_start_ms: startMs, item_id: this.#ids.utterance(utterance) }]
      : [];
  }

  ended(utterance: number, endMs: number, { detected }: UtteranceOptions): ServerEvent[] {
    const id = this.#ids.utterance(utterance);
    const startMs = this.#startMs.get(utterance);
    this.#startMs.delete(utterance);
    const lengthMs = startMs === undefined ? 0 : Math.max(0, endMs - startMs);
    this.#heardMs += lengthMs;
    this.#awaited.set(utterance, lengthMs / 1000);
    forgetOldest(this.#awaited);
    const stopped = { type: "input_audio_buffer.speech_stopped", audio_end_ms: endMs, item_id: id };
    const item = message(id, "user", [{ type: "input_audio", transcript: null }]);
    const previous = this.#items.add(item) ?? null;
    return [
      ...(detected ? [stopped] : []),
      { type: "input_audio_buffer.committed", previous_item_id: previous, item_id: id },
      { type: "conversation.item.added", previous_item_id: previous, item },
      { type: "conversation.item.done", previous_item_id: previous, item },
    ];
  }

  transcribed(utterance: number, transcript: string, { transcription }: UtteranceOptions): ServerEvent[] {
    const id = this.#ids.utterance(utterance);
    const seconds = this.#awaited.get(utterance) ?? 0;
    this.#awaited.delete(utterance);
    const content = [{ type: "input_audio", transcript }] as const;
    if (!this.#items.change(id, { content })) this.#items.add(message(id, "user", content));
    if (!transcription) return [];
    const place = { item_id: id, content_index: 0 };
    const type = "conversation.item.input_audio_transcription";
    return [
      ...(transcript === "" ? [] : [{ type: `${type}.delta`, ...place, delta: transcript }]),
      { type: `${type}.completed`, ...place, transcript, usage: { type: "duration", seconds } },
    ];
  }

  /** Recognition failed: the oldest words that are awaited will not come. @returns nothing where none are awaited */
  failed(error: StreamError, { transcription }: UtteranceOptions): ServerEvent[] | undefined {
    const [utterance] = this.#awaited.keys();
    if (utterance === undefined) return undefined;
    this.#awaited.delete(utterance);
    if (!transcription) return [];
    const type = "conversation.item.input_audio_transcription.failed";
    return [{ type, item_id: this.#ids.utterance(utterance), content_index: 0, error: errorDetail(error) }];
  }
}

function forgetOldest(map: Map<number, number>): void {
  for (const key of map.keys()) if (map.size > maxAwaited) map.delete(key);
}
