import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AccessUnitSchema,
  AvPacketSchema,
  ClauseSchema,
  ConverseResponseSchema,
  ResponseDoneSchema,
  StreamErrorSchema,
  Track,
  TrackHeaderSchema,
  TranscriptSchema,
} from "@troupe/contracts";
import { describe, expect, it } from "vitest";
import type { SessionEvent } from "../../session/session-event.ts";
import type { ServerEvent } from "../protocol/server-event.ts";
import { defaultSessionOptions, type SessionOptions } from "../session-options.ts";
import { type AudioOutput, createAudioOutput } from "./audio-output.ts";
import { Translation } from "./translation.ts";

const session = "01234567-89ab-cdef-0123-456789abcdef";
type Init = MessageInitShape<typeof ConverseResponseSchema>["event"];
const event = (init: Init): SessionEvent => create(ConverseResponseSchema, { event: init as never }).event;
const pcm = { type: "audio/pcm", rate: 24_000 } as const;

async function translate(options: Partial<SessionOptions> = {}) {
  const all = { ...defaultSessionOptions, ...options };
  const output: AudioOutput | undefined = all.media === "none" ? await createAudioOutput(all.outputFormat) : undefined;
  const translation = new Translation({ session, options: () => all, audio: () => output, maxItems: 100 });
  const told: ServerEvent[] = [];
  const tell = (init: Init) => {
    const { events, packet } = translation.event(event(init));
    told.push(...events);
    return { events, packet };
  };
  return { translation, told, tell, types: () => told.map(({ type }) => type) };
}

const header: Init = {
  case: "av",
  value: create(AvPacketSchema, {
    body: { case: "header", value: create(TrackHeaderSchema, { track: Track.AUDIO, codec: "pcm-s16", sampleRateHz: 24_000 }) },
  }),
};
const unitUs = 40_000;
const silentUnit = new Uint8Array(1920);
const sound = (response: number, index: number, data: Uint8Array = silentUnit): Init => ({
  case: "av",
  value: create(AvPacketSchema, {
    body: {
      case: "unit",
      value: create(AccessUnitSchema, {
        track: Track.AUDIO,
        durationUs: unitUs,
        data,
        response,
        responsePtsUs: BigInt(response === 0 ? 0 : index * unitUs),
      }),
    },
  }),
});
const created = (response: number): Init => ({ case: "responseCreated", value: { response, utterance: 1 } as never });
const words = (response: number, text: string): Init => ({
  case: "responseText",
  value: { response, clause: create(ClauseSchema, { text }) } as never,
});
const done = (response: number, change: MessageInitShape<typeof ResponseDoneSchema> = {}): Init => ({
  case: "responseDone",
  value: create(ResponseDoneSchema, { response, complete: true, presentedUs: 80_000n, heardText: "Hello there.", ...change }),
});
const last = (told: readonly ServerEvent[], type: string) => told.findLast((given) => given.type === type);

describe("an answer", () => {
  it("is told in the order of the protocol, with its words and its sound", async () => {
    const { tell, types, told } = await translate();
    tell(header);
    tell(created(1));
    tell(words(1, "Hello there."));
    tell(words(1, "Come in."));
    tell(sound(0, 0));
    tell(sound(1, 0, new Uint8Array(1920).fill(1)));
    tell(sound(1, 1, new Uint8Array(1920).fill(2)));
    tell(done(1, { heardText: "Hello there. Come in." }));
    expect(types()).toEqual([
      "response.created",
      "response.output_item.added",
      "conversation.item.added",
      "response.content_part.added",
      "response.output_audio_transcript.delta",
      "response.output_audio_transcript.delta",
      "response.output_audio.delta",
      "response.output_audio.delta",
      "response.output_audio.done",
      "response.output_audio_transcript.done",
      "response.content_part.done",
      "response.output_item.done",
      "conversation.item.done",
      "response.done",
    ]);
    const deltas = told.filter(({ type }) => type === "response.output_audio_transcript.delta").map(({ delta }) => delta);
    expect(deltas).toEqual(["Hello there.", " Come in."]);
    const bytes = told.flatMap(({ type, delta }) =>
      type === "response.output_audio.delta" ? [...Buffer.from(delta as string, "base64")] : [],
    );
    expect(bytes).toEqual([...Array(1920).fill(1), ...Array(1920).fill(2)]);
    expect(last(told, "response.done")).toMatchObject({
      response: {
        id: "resp_0123456789ab1",
        status: "completed",
        status_details: null,
        output: [
          { id: "item_0123456789abr1", status: "completed", content: [{ type: "output_audio", transcript: "Hello there. Come in." }] },
        ],
        usage: { output_tokens: 2, output_token_details: { audio_tokens: 2 } },
      },
    });
  });

  it("is not over before its last sound, though its report came first", async () => {
    const { tell, types, translation } = await translate();
    tell(header);
    tell(created(1));
    tell(words(1, "Hello there."));
    tell(sound(1, 0));
    tell(done(1));
    expect(types()).not.toContain("response.done");
    expect(translation.responses.ending).toBe(true);
    tell(sound(1, 1));
    expect(types().filter((type) => type === "response.output_audio.delta").length).toBe(2);
    expect(types().at(-1)).toBe("response.done");
    expect(translation.responses.ending).toBe(false);
  });

  it.each([
    ["sound of nothing follows", (talk: Awaited<ReturnType<typeof translate>>) => talk.tell(sound(0, 0))],
    ["the next answer sounds", (talk: Awaited<ReturnType<typeof translate>>) => talk.tell(sound(2, 0))],
    ["enough time has passed", (talk: Awaited<ReturnType<typeof translate>>) => talk.told.push(...talk.translation.responses.settle())],
  ])("is over without its last sound when %s", async (_, follow) => {
    const talk = await translate();
    talk.tell(header);
    talk.tell(created(1));
    talk.tell(words(1, "Hello there."));
    talk.tell(sound(1, 0));
    talk.tell(done(1));
    follow(talk);
    expect(last(talk.told, "response.done")).toMatchObject({ response: { id: "resp_0123456789ab1", status: "completed" } });
  });

  it("that a person interrupts says no more, and its item holds what was heard", async () => {
    const { tell, told, types, translation } = await translate();
    tell(header);
    tell(created(1));
    tell(words(1, "Hello there. How are you?"));
    tell(sound(1, 0));
    tell({ case: "responseCancelled", value: { response: 1 } as never });
    tell(sound(1, 1));
    expect(types().filter((type) => type === "response.output_audio.delta").length).toBe(1);
    tell(done(1, { complete: false, heardText: "Hello" }));
    expect(last(told, "response.done")).toMatchObject({
      response: {
        status: "cancelled",
        status_details: { type: "cancelled", reason: "turn_detected" },
        output: [{ status: "incomplete", content: [{ transcript: "Hello" }] }],
      },
    });
    tell({ case: "responseHeard", value: { response: 1, text: "Hel", heardUs: 0n, reported: true } as never });
    expect(translation.items.get("item_0123456789abr1")?.content).toEqual([{ type: "output_audio", transcript: "Hel" }]);
    tell(sound(1, 2));
    tell(words(1, "late"));
    expect(types().at(-1)).toBe("response.done");
  });

  it("that the client cancels says so", async () => {
    const { tell, told, translation } = await translate();
    tell(created(1));
    expect(translation.responses.active).toBe(1);
    translation.responses.cancelledBy(1, "client_cancelled");
    tell({ case: "responseCancelled", value: { response: 1 } as never });
    tell(done(1, { complete: false, presentedUs: 0n, heardText: "" }));
    expect(last(told, "response.done")).toMatchObject({ response: { status_details: { reason: "client_cancelled" }, output: [] } });
    expect(translation.responses.active).toBeUndefined();
  });

  it("that fails names what failed", async () => {
    const { tell, told } = await translate();
    tell(created(1));
    const error = create(StreamErrorSchema, { reason: "BACKEND_FAILED", message: "no voice", stage: "tts" });
    tell(done(1, { complete: false, error }));
    expect(last(told, "response.done")).toMatchObject({
      response: { status: "failed", status_details: { error: { type: "server_error", code: "BACKEND_FAILED", message: "no voice" } } },
    });
  });

  it("that began before this connection is told from its beginning", async () => {
    const { tell, types } = await translate();
    tell(header);
    tell(sound(4, 30));
    expect(types()).toEqual([
      "response.created",
      "response.output_item.added",
      "conversation.item.added",
      "response.content_part.added",
      "response.output_audio.delta",
    ]);
  });

  it("is joined as Chinese is written", async () => {
    const { tell, told } = await translate();
    tell(words(1, "你好。"));
    tell(words(1, "请进。"));
    tell(done(1, { complete: true }));
    expect(last(told, "response.output_audio_transcript.done")).toMatchObject({ transcript: "你好。请进。" });
  });

  it.each(["audio/pcmu", "audio/pcma"] as const)("sounds in %s at 8 kHz, a byte a sample", async (type) => {
    const { tell, told } = await translate({ outputFormat: { type } });
    tell(header);
    for (let index = 0; index < 50; index++) tell(sound(1, index));
    tell(done(1, { presentedUs: 2_000_000n }));
    const deltas = told.filter((given) => given.type === "response.output_audio.delta");
    const bytes = deltas.reduce((sum, { delta }) => sum + Buffer.from(delta as string, "base64").byteLength, 0);
    expect(bytes).toBe(16_000);
  });
});

describe("what a person says", () => {
  const begins: Init = { case: "utteranceStarted", value: { utterance: 1, speechStartUs: 1_000_000n } as never };
  const ends: Init = { case: "utteranceEnded", value: { utterance: 1, speechEndUs: 2_500_000n } as never };
  const understood = (text: string, interim = false): Init => ({
    case: "utteranceTranscribed",
    value: { utterance: 1, interim, transcript: create(TranscriptSchema, { text }) } as never,
  });

  it("is an item with its place in the sound, then with its words", async () => {
    const { tell, told, types, translation } = await translate();
    tell(begins);
    tell(understood("When", true));
    tell(ends);
    tell(understood("When do you open?"));
    expect(types()).toEqual([
      "input_audio_buffer.speech_started",
      "input_audio_buffer.speech_stopped",
      "input_audio_buffer.committed",
      "conversation.item.added",
      "conversation.item.done",
      "conversation.item.input_audio_transcription.delta",
      "conversation.item.input_audio_transcription.completed",
    ]);
    expect(told[0]).toMatchObject({ audio_start_ms: 1000, item_id: "item_0123456789abu1" });
    expect(told[1]).toMatchObject({ audio_end_ms: 2500, item_id: "item_0123456789abu1" });
    expect(told.at(-1)).toMatchObject({ transcript: "When do you open?", usage: { type: "duration", seconds: 1.5 } });
    expect(translation.items.get("item_0123456789abu1")).toMatchObject({ role: "user", content: [{ transcript: "When do you open?" }] });
  });

  it("counts as the input of the next answer", async () => {
    const { tell, told } = await translate();
    tell(begins);
    tell(ends);
    tell(created(1));
    tell(done(1));
    expect(last(told, "response.done")).toMatchObject({ response: { usage: { input_tokens: 15, total_tokens: 17 } } });
    tell(created(2));
    tell(done(2));
    expect(last(told, "response.done")).toMatchObject({ response: { usage: { input_tokens: 0 } } });
  });

  it("begins and ends unannounced where the client decides of turns, and is not written down where it does not want that", async () => {
    const { tell, types } = await translate({ turnDetection: null, transcription: false });
    tell(begins);
    tell(ends);
    tell(understood("When?"));
    expect(types()).toEqual(["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]);
  });

  it("and was not understood fails on its item; a stage that fails otherwise is an error", async () => {
    const { tell, told } = await translate();
    const error: Init = { case: "error", value: create(StreamErrorSchema, { reason: "DEADLINE", message: "late", stage: "asr" }) };
    tell(begins);
    tell(ends);
    tell(error);
    expect(told.at(-1)).toMatchObject({
      type: "conversation.item.input_audio_transcription.failed",
      item_id: "item_0123456789abu1",
      error: { code: "DEADLINE", message: "late" },
    });
    tell(error);
    expect(told.at(-1)).toMatchObject({ type: "error", error: { type: "server_error", code: "DEADLINE", event_id: null } });
  });

  it("follows the item before it", async () => {
    const { tell, told } = await translate();
    tell(words(1, "Hello."));
    tell(done(1));
    tell(ends);
    expect(last(told, "input_audio_buffer.committed")).toMatchObject({ previous_item_id: "item_0123456789abr1" });
  });
});

describe("what only our clients know", () => {
  const ended: Init = { case: "ended", value: { reason: "idle" } as never };

  it("is told to them, and to nobody else", async () => {
    const theirs = await translate({ aware: true });
    const others = await translate();
    for (const { tell } of [theirs, others]) {
      tell(created(1));
      tell({ case: "responseHeld", value: { response: 1, held: true } as never });
      tell(ended);
    }
    expect(theirs.types().filter((type) => type.startsWith("troupe."))).toEqual(["troupe.response", "troupe.held", "troupe.ended"]);
    expect(others.types().filter((type) => type.startsWith("troupe."))).toEqual([]);
  });

  it("are packets as they are, or as JSON, and then no sound in the events of the protocol", async () => {
    const binary = await translate({ aware: true, media: "binary" });
    const json = await translate({ aware: true, media: "json" });
    for (const { tell } of [binary, json]) tell(header);
    expect(binary.tell(sound(1, 3)).packet?.body).toMatchObject({ case: "unit", value: { response: 1 } });
    expect(json.tell(sound(1, 3))).toMatchObject({
      events: [{ type: "troupe.av", track: "audio", response: 1, response_pts_us: 120_000 }],
    });
    expect([...binary.types(), ...json.types()]).toEqual(["troupe.track", "troupe.track", "troupe.av"]);
    expect(binary.tell(header)).toEqual({ events: [] });
  });

  it("is what a client that came back finds again", async () => {
    const { translation } = await translate({ outputFormat: pcm });
    const entry = { language: "en", atMs: 0, complete: false } as const;
    translation.recall([
      { ...entry, role: "person", number: 1, text: "When?" },
      { ...entry, role: "avatar", number: 2, text: "At ten" },
    ]);
    expect(translation.items.get("item_0123456789abr2")).toMatchObject({ status: "incomplete", content: [{ transcript: "At ten" }] });
    expect(translation.items.before("item_0123456789abr2")).toBe("item_0123456789abu1");
  });
});
