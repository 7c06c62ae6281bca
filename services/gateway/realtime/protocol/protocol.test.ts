import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputAudioLength, readAudio } from "../audio-input.ts";
import { connectionRequest } from "../connection-options.ts";
import { defaultSessionOptions, outputOf, turnDetectionOf, updated, withTroupe } from "../session-options.ts";
import { createIds } from "../translation/ids.ts";
import { ItemList, message } from "../translation/item-list.ts";
import { readItem } from "./conversation-item.ts";
import { readClientEvent } from "./read-client-event.ts";
import { refuseUnsupported, sessionSettings } from "./session-update.ts";

const pcm = { type: "audio/pcm", rate: 24_000 } as const;

describe("a message of a client", () => {
  it("is an event or an error, whatever it holds", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((given) => JSON.stringify(given)),
        ),
        (text) => {
          const read = readClientEvent(text, 1000);
          expect("error" in read ? read.error.reason : "event").toMatch(/^(event|INVALID_REQUEST)$/);
        },
      ),
    );
  });

  it("of a known type is an event or an error, whatever its fields hold", () => {
    const types = ["session.update", "conversation.item.create", "response.create", "troupe.playback", "input_audio_buffer.append"];
    const fields = fc.dictionary(
      fc.constantFrom("session", "item", "response", "audio", "position_us", "event_id", "silenced"),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), fields, (type, given) => {
        const read = readClientEvent(JSON.stringify({ ...given, type }), 100_000);
        if ("error" in read) expect(read.error.message.length).toBeLessThan(600);
      }),
    );
  });

  it("names its event and the field that is wrong", () => {
    const read = readClientEvent('{"type":"conversation.item.truncate","event_id":"e","item_id":"i","audio_end_ms":"1"}', 1000);
    expect(read).toMatchObject({ eventId: "e", error: { reason: "INVALID_REQUEST", metadata: { param: "audio_end_ms" } } });
  });
});

describe("sound of a client", () => {
  it.each(["A", "AAA", "A===", "AA=A", "AA AA", "AAAA\n", "ÄÄÄÄ", "-_-_", "AA=="])("is refused as %j", (text) => {
    expect(() => readAudio(text, pcm, "audio")).toThrow(/^audio /);
  });

  it("is what was encoded", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const whole = bytes.subarray(0, bytes.length & ~1);
        expect([...readAudio(Buffer.from(whole).toString("base64"), pcm, "audio")]).toEqual([...whole]);
      }),
    );
  });

  it("must be long enough to be committed, and is committed once", () => {
    const heard = new InputAudioLength();
    heard.add(2400, pcm);
    heard.add(400, { type: "audio/pcmu" });
    heard.take(100);
    expect(() => heard.take(100)).toThrow(expect.objectContaining({ reason: "AUDIO_EMPTY" }));
  });
});

describe("a session", () => {
  const settings = (given: object) => sessionSettings.parse(given);

  it("keeps what an update leaves out", () => {
    const first = updated(defaultSessionOptions, settings({ audio: { input: { format: { type: "audio/pcmu" }, turn_detection: null } } }));
    const second = updated(first, settings({ instructions: "Be brief.", audio: { output: { format: { type: "audio/pcma" } } } }));
    expect(second).toMatchObject({
      inputFormat: { type: "audio/pcmu" },
      outputFormat: { type: "audio/pcma" },
      turnDetection: null,
      instructions: "Be brief.",
      transcription: true,
      aware: false,
    });
  });

  it.each([
    [{}, { manual: false, silenceMs: 0, withholdResponse: false, ignoreInterruptions: false }],
    [null, { manual: true, withholdResponse: true }],
    [
      { type: "server_vad", silence_duration_ms: 700, create_response: false, interrupt_response: false },
      { silenceMs: 700, withholdResponse: true, ignoreInterruptions: true },
    ],
    [{ type: "semantic_vad", eagerness: "low" }, { silenceMs: 1500 }],
    [{ type: "semantic_vad" }, { silenceMs: 0 }],
  ])("takes turns as %j asks", (given, expected) => {
    const input = given && Object.keys(given).length === 0 ? {} : { turn_detection: given };
    expect(turnDetectionOf(updated(defaultSessionOptions, settings({ audio: { input } })))).toMatchObject(expected);
  });

  it.each([
    { tools: [{}] },
    { tool_choice: "required" },
    { prompt: { id: "p" } },
    { output_modalities: ["text"] },
    { output_modalities: ["audio", "text"] },
    { max_output_tokens: 10 },
    { include: ["item.input_audio_transcription.logprobs"] },
    { audio: { output: { speed: 1.5 } } },
    { audio: { input: { turn_detection: { type: "server_vad", idle_timeout_ms: 5000 } } } },
    { type: "transcription" },
  ])("cannot be %j", (given) => {
    expect(() => refuseUnsupported(settings(given))).toThrow(expect.objectContaining({ reason: "UNIMPLEMENTED" }));
  });

  it("has no picture where no media are sent, and sound that events can hold", () => {
    const asked = withTroupe(defaultSessionOptions, { output: { width: 640, height: 360, audio_codec: "opus", motion: true } });
    expect(outputOf(asked)).toMatchObject({ width: 0, height: 0, motion: false, audioCodec: 3 });
    expect(outputOf(withTroupe(asked, { media: "binary" }))).toMatchObject({ width: 640, height: 360, motion: true, audioCodec: 2 });
    expect(outputOf(withTroupe(withTroupe(asked, { media: "binary" }), { output: null }))).toMatchObject({ width: 0, audioCodec: 1 });
  });

  it("is what its address says, over what its client secret says", () => {
    const secret = {
      id: "s",
      expiresAtMs: 0,
      session: { model: "pico", instructions: "Brief.", troupe: { media: "json", language: "de" } },
    };
    const { options, resumeToken } = connectionRequest({ language: "en", width: "64", height: "64", motion: "1", resume: "t" }, secret);
    expect(options).toMatchObject({
      model: "pico",
      instructions: "Brief.",
      media: "json",
      language: "en",
      output: { width: 64, height: 64, motion: true },
      aware: true,
    });
    expect(resumeToken).toBe("t");
    expect(() => connectionRequest({ width: "-1" }, undefined)).toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
    expect(connectionRequest({ model: "gpt-realtime" }, undefined).options.aware).toBe(false);
  });
});

describe("items", () => {
  const item = (id: string) => message(id, "user", []);

  it("stand where they were put, and the oldest are forgotten", () => {
    const items = new ItemList(3);
    expect(items.add(item("a"))).toBeNull();
    expect(items.add(item("c"))).toBe("a");
    expect(items.add(item("b"), "a")).toBe("a");
    expect(items.before("c")).toBe("b");
    expect(items.add(item("x"), "nobody")).toBeUndefined();
    items.add(item("d"));
    expect(items.get("a")).toBeUndefined();
    expect(items.size).toBe(3);
  });

  it("of a message may be words or sound, no pictures and no functions", () => {
    expect(readItem({ type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] })).toMatchObject({ text: "Hi" });
    const reasonOf = (given: Parameters<typeof readItem>[0]) => {
      try {
        return readItem(given) && "none";
      } catch (thrown) {
        return (thrown as { reason: string }).reason;
      }
    };
    expect(reasonOf({ type: "function_call" })).toBe("UNIMPLEMENTED");
    expect(reasonOf({ type: "message", role: "user", content: [{ type: "input_image" }] })).toBe("UNIMPLEMENTED");
    expect(reasonOf({ type: "message", role: "user", content: [{ type: "output_text", text: "x" }] })).toBe("INVALID_REQUEST");
    expect(reasonOf({ type: "message", role: "user", content: [] })).toBe("INVALID_REQUEST");
    expect(reasonOf({ type: "message", role: "tool", content: [{ type: "input_text" }] })).toBe("INVALID_REQUEST");
  });

  it("have names from which their numbers come back, and no other session's", () => {
    const ids = createIds("01234567-89ab-cdef-0123-456789abcdef");
    const other = createIds("11234567-89ab-cdef-0123-456789abcdef");
    expect(ids.responseOf(ids.response(7))).toBe(7);
    expect(ids.responseOf(ids.answer(7))).toBe(7);
    expect([ids.responseOf(other.response(7)), ids.responseOf(other.answer(7))]).toEqual([undefined, undefined]);
    expect([ids.remembered(ids.utterance(3)), ids.remembered(ids.answer(4)), ids.remembered("mine")]).toEqual([
      "utterance-3",
      "response-4",
      "mine",
    ]);
  });
});
