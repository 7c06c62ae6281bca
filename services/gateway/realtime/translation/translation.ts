import { equals } from "@bufbuild/protobuf";
import { type AccessUnit, type AvPacket, Track, type TrackHeader, TrackHeaderSchema } from "@troupe/contracts";
import { isServiceError } from "@troupe/errors";
import type { SessionEvent } from "../../session/session-event.ts";
import type { TranscriptEntry } from "../../session/session-transcript.ts";
import { errorEvent, stageError } from "../protocol/error-event.ts";
import type { ServerEvent } from "../protocol/server-event.ts";
import type { SessionOptions } from "../session-options.ts";
import type { AudioOutput } from "./audio-output.ts";
import { createIds, type Ids } from "./ids.ts";
import { ItemList, message } from "./item-list.ts";
import { ResponseEvents } from "./response-events.ts";
import { avEvent, troupeEvent } from "./troupe-events.ts";
import { UtteranceEvents, type UtteranceOptions } from "./utterance-events.ts";

export interface TranslationDeps {
  /** Id of the session. */
  readonly session: string;
  readonly options: () => SessionOptions;
  /** Sound of responses in the format of the client; undefined where it does not want it in events. */
  readonly audio: () => AudioOutput | undefined;
  readonly maxItems: number;
}

/** What a client is sent for one event of its session: events as JSON, then a packet as it is. */
export interface Translated {
  readonly events: readonly ServerEvent[];
  readonly packet?: AvPacket;
}

/** From the events of a session to those of the protocol. Without time or transport: the same events always give the same. */
export class Translation {
  readonly ids: Ids;
  readonly items: ItemList;
  readonly responses: ResponseEvents;
  readonly #deps: TranslationDeps;
  readonly #utterances: UtteranceEvents;
  readonly #headers = new Map<Track, TrackHeader>();
  #started: Extract<SessionEvent, { case: "started" }> | undefined;

  constructor(deps: TranslationDeps) {
    this.#deps = deps;
    this.ids = createIds(deps.session);
    this.items = new ItemList(deps.maxItems);
    this.#utterances = new UtteranceEvents(this.ids, this.items);
    this.responses = new ResponseEvents({
      ids: this.ids,
      items: this.items,
      audio: deps.audio,
      format: () => deps.options().outputFormat,
      takeHeardMs: () => this.#utterances.takeHeardMs(),
    });
  }

  /** What was said before this connection. */
  recall(entries: readonly TranscriptEntry[]): void {
    for (const { role, number, text, complete } of entries) {
      if (role === "person") this.items.add(message(this.ids.utterance(number), "user", [{ type: "input_audio", transcript: text }]));
      else {
        const content = [{ type: "output_audio", transcript: text }] as const;
        this.items.add(message(this.ids.answer(number), "assistant", content, complete ? "completed" : "incomplete"));
      }
    }
  }

  event(event: SessionEvent): Translated {
    if (event.case === "av") return this.#av(event.value);
    if (event.case === "started") this.#started = event;
    const { aware } = this.#deps.options();
    const own = aware ? troupeEvent(event) : undefined;
    return { events: [...(own ? [own] : []), ...this.#standard(event)] };
  }

  /** What a client that turns out to be one of ours must know first. */
  introduction(): readonly ServerEvent[] {
    const started = this.#started && troupeEvent(this.#started);
    return started ? [started, ...this.tracks()] : [];
  }

  /** The tracks there are, for a client that begins to take them. */
  tracks(): readonly ServerEvent[] {
    return [...this.#headers.values()].flatMap((value) => avEvent(headerPacket(value)) ?? []);
  }

  get #utteranceOptions(): UtteranceOptions {
    const { turnDetection, transcription } = this.#deps.options();
    return { detected: turnDetection !== null, transcription };
  }

  #standard(event: Exclude<SessionEvent, { case: "av" }>): readonly ServerEvent[] {
    switch (event.case) {
      case "utteranceStarted":
        return this.#utterances.started(event.value.utterance, millis(event.value.speechStartUs), this.#utteranceOptions);
      case "utteranceEnded":
        return this.#utterances.ended(event.value.utterance, millis(event.value.speechEndUs), this.#utteranceOptions);
      case "utteranceTranscribed":
        if (event.value.interim) return [];
        return this.#utterances.transcribed(event.value.utterance, event.value.transcript?.text ?? "", this.#utteranceOptions);
      case "responseCreated":
        return this.responses.created(event.value.response);
      case "responseText":
        return this.responses.text(event.value.response, event.value.clause?.text ?? "");
      case "responseCancelled":
        this.responses.cancelled(event.value.response);
        return [];
      case "responseDone":
        return this.responses.done(event.value);
      case "responseHeard":
        this.responses.heard(event.value.response, event.value.text);
        return [];
      case "error":
        return this.#failure(event.value);
      default:
        return [];
    }
  }

  #failure(error: Extract<SessionEvent, { case: "error" }>["value"]): readonly ServerEvent[] {
    const thrown = stageError(error);
    // A sound without words is no failure: its transcript is empty.
    if (isServiceError(thrown, "NO_SPEECH")) return [];
    const failed = error.stage === "asr" ? this.#utterances.failed(error, this.#utteranceOptions) : undefined;
    return failed ?? [errorEvent(thrown)];
  }

  #av(packet: AvPacket): Translated {
    const { body } = packet;
    const { media } = this.#deps.options();
    if (body.case === "header" && this.#isKnown(body.value)) return { events: [] };
    const sound = body.case === "unit" && body.value.track === Track.AUDIO ? this.#sound(body.value) : [];
    const own = media === "json" || (media === "binary" && body.case === "header") ? avEvent(packet) : undefined;
    const events = own ? [...sound, own] : sound;
    return media === "binary" ? { events, packet } : { events };
  }

  /** Headers come again with every keyframe: only what changed is told. */
  #isKnown(header: TrackHeader): boolean {
    const before = this.#headers.get(header.track);
    this.#headers.set(header.track, header);
    return before !== undefined && equals(TrackHeaderSchema, before, header);
  }

  /** Only PCM can be said in the protocol. */
  #sound(unit: AccessUnit): ServerEvent[] {
    return this.#headers.get(Track.AUDIO)?.codec.startsWith("pcm") ? this.responses.sound(unit) : [];
  }
}

const millis = (us: bigint) => Math.round(Number(us) / 1000);

const headerPacket = (value: TrackHeader): AvPacket => ({
  $typeName: "troupe.presentation.v1.AvPacket",
  epoch: 0,
  seq: 0,
  body: { case: "header", value },
});
