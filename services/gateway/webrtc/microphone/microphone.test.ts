import { AudioData, AudioEncoder } from "@napi-rs/webcodecs";
import { decodeMuLaw, encodeMuLaw, rmsDb } from "@troupe/audio";
import { createManualClock } from "@troupe/testkit";
import { describe, expect, it, vi } from "vitest";
import { Microphone } from "./microphone.ts";
import { opusSamples } from "./opus-packet.ts";
import { G711Decoder, OpusDecoder } from "./sound-decoder.ts";

const tone = (index: number, rateHz: number) => 0.4 * Math.sin((2 * Math.PI * 440 * index) / rateHz);

/** A tone of 440 Hz in 20 ms packets. */
async function opusPackets(count: number): Promise<Uint8Array[]> {
  const packets: Uint8Array[] = [];
  const encoder = new AudioEncoder({
    output(chunk) {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      packets.push(data);
    },
    error: (error) => expect.unreachable(error.message),
  });
  encoder.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1, bitrate: 32_000 });
  for (let packet = 0; packet < count; packet++) {
    const data = Float32Array.from({ length: 960 }, (_, index) => tone(packet * 960 + index, 48_000));
    const audio = new AudioData({
      format: "f32",
      sampleRate: 48_000,
      numberOfFrames: 960,
      numberOfChannels: 1,
      timestamp: packet * 20_000,
      data,
    });
    encoder.encode(audio);
    audio.close();
  }
  await encoder.flush();
  encoder.close();
  return packets.slice(0, count);
}

function listen(kind: "opus" | "pcmu") {
  const clock = createManualClock();
  const heard: Float32Array[] = [];
  const microphone = new Microphone(
    clock,
    (onSound) => (kind === "opus" ? new OpusDecoder(onSound) : new G711Decoder(decodeMuLaw, onSound)),
    async (samples) => void heard.push(samples),
  );
  const joined = () => Float32Array.from(heard.flatMap((samples) => [...samples]));
  return { clock, microphone, joined };
}

const muLaw = (packet: number) => Uint8Array.from({ length: 160 }, (_, index) => encodeMuLaw(tone(packet * 160 + index, 8000)));

describe("a microphone over RTP", () => {
  it("is heard as it was spoken, Opus reordered and with packets missing", async () => {
    const { microphone, joined } = listen("opus");
    const packets = await opusPackets(50);
    const order = packets.map((_, index) => index).filter((index) => index !== 20 && index !== 30);
    [order[10], order[11]] = [order[11] as number, order[10] as number];
    for (const index of order) microphone.push({ sequence: index, timestamp: index * 960, payload: packets[index] as Uint8Array });
    // What waits behind a missing packet is let out by the number of those that wait.
    await vi.waitUntil(() => joined().length >= 48 * 960);
    const sound = joined();
    microphone.close();
    expect(rmsDb(sound.subarray(4800, 18_000))).toBeCloseTo(-11, 0);
    // Concealed, not silent.
    expect(rmsDb(sound.subarray(20 * 960 + 100, 20 * 960 + 900))).toBeGreaterThan(-25);
  });

  it("survives packets that are no Opus", async () => {
    const { microphone, joined } = listen("opus");
    const packets = await opusPackets(20);
    const broken = packets.map((packet, index) => (index === 8 ? Uint8Array.of(0xff, 0xff, 0xff, 0xff) : packet));
    broken.forEach((payload, index) => {
      microphone.push({ sequence: index, timestamp: index * 960, payload });
    });
    await vi.waitUntil(() => joined().length >= 18 * 960);
    expect(rmsDb(joined().subarray(-4800))).toBeGreaterThan(-14);
    microphone.close();
  });

  it("that sends nothing is silence, in real time and not for ever; pauses are made up for once", async () => {
    const { clock, microphone, joined } = listen("pcmu");
    microphone.push({ sequence: 1, timestamp: 0, payload: muLaw(0) });
    await clock.advance(1000);
    expect(joined().length / 8).toBeCloseTo(1020, -2);
    microphone.push({ sequence: 2, timestamp: 8000, payload: muLaw(1) });
    await clock.advance(0);
    expect(joined().length / 8).toBeCloseTo(1020, -2);
    await clock.advance(60_000);
    expect(joined().length / 8).toBeLessThan(4500);
    microphone.close();
  });

  it.each([
    [[0xf8, 1], 960],
    [[0x78, 1], 960],
    [[0x18, 1], 2880],
    [[0xe3, 6, 1], 720],
    [[0xfb, 48], undefined],
    [[], undefined],
  ])("knows how long an Opus packet lasts: %j", (packet, samples) => {
    expect(opusSamples(Uint8Array.from(packet))).toBe(samples);
  });
});
