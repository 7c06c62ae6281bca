import { AudioDecoder, EncodedAudioChunk } from "@napi-rs/webcodecs";
import { AudioCodec } from "@troupe/contracts";
import { describe, expect, it } from "vitest";
import { createSoundEncoder } from "./audio-encoder.ts";
import type { EncodedUnit, TrackDescription } from "./video-encoder.ts";

const onsetMs = 300;
const tickMs = 40;

/** Silence, then a tone from `onsetMs` on; encoded in ticks. */
async function encode(codec: AudioCodec, sampleRateHz: number, startUs: number) {
  const units: EncodedUnit[] = [];
  let track: TrackDescription | undefined;
  const onUnit = (unit: EncodedUnit, description: TrackDescription) => {
    units.push(unit);
    track = description;
  };
  const onError = (error: Error) => expect.unreachable(error.message);
  const encoder = createSoundEncoder({ codec, sampleRateHz, onUnit, onError });
  const perTick = (sampleRateHz * tickMs) / 1000;
  for (let tick = 0; tick < 15; tick++) {
    const at = (index: number) => tick * perTick + index;
    const value = (n: number) => (n < (onsetMs * sampleRateHz) / 1000 ? 0 : 12_000 * Math.sin((2 * Math.PI * 500 * n) / sampleRateHz));
    encoder.encode(
      Int16Array.from({ length: perTick }, (_, index) => value(at(index))),
      startUs + tick * tickMs * 1000,
    );
  }
  await encoder.flush();
  encoder.close();
  return { units, track: track as TrackDescription };
}

/** When the decoded sound gets loud, on the scale of the units. */
async function onsetUs(units: readonly EncodedUnit[], track: TrackDescription, sampleRateHz: number): Promise<number> {
  const samples: number[] = [];
  let rateHz = sampleRateHz;
  const decoder = new AudioDecoder({
    output(sound) {
      const block = new Float32Array(sound.numberOfFrames);
      sound.copyTo(new Uint8Array(block.buffer), { planeIndex: 0, format: "f32-planar" });
      samples.push(...block);
      rateHz = sound.sampleRate;
      sound.close();
    },
    error: (error) => expect.unreachable(error.message),
  });
  decoder.configure({ codec: track.codec, sampleRate: sampleRateHz, numberOfChannels: 1, description: track.description });
  for (const { ptsUs: timestamp, durationUs: duration, data } of units)
    decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, duration, data }));
  await decoder.flush();
  decoder.close();
  return (units[0]?.ptsUs ?? 0) + (samples.findIndex((sample) => Math.abs(sample) > 0.1) / rateHz) * 1e6;
}

describe("encoded sound", () => {
  it.each([
    ["AAC", AudioCodec.AAC, 16_000],
    ["AAC", AudioCodec.AAC, 24_000],
    ["AAC", AudioCodec.AAC, 48_000],
    ["Opus", AudioCodec.OPUS, 24_000],
    ["Opus", AudioCodec.OPUS, 48_000],
  ] as const)("as %s is heard at its time (case %#)", async (_, codec, sampleRateHz) => {
    const startUs = 2_000_000;
    const { units, track } = await encode(codec, sampleRateHz, startUs);
    expect(units[0]?.ptsUs).toBe(startUs);
    // Opus decoders that do not skip what the description tells them to are 6.5 ms late.
    const lateMs = ((await onsetUs(units, track, sampleRateHz)) - startUs) / 1000 - onsetMs;
    expect(Math.abs(lateMs)).toBeLessThan(8);
  });

  it("as PCM is what was given", async () => {
    const { units } = await encode(AudioCodec.PCM16, 16_000, 0);
    expect(units.map((unit) => [unit.ptsUs, unit.durationUs, unit.data.byteLength])).toEqual(
      Array.from({ length: 15 }, (_, n) => [n * 40_000, 40_000, 1280]),
    );
  });
});
