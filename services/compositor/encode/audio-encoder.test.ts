import { AudioDecoder, EncodedAudioChunk } from "@napi-rs/webcodecs";
import { AudioCodec } from "@troupe/contracts";
import { describe, expect, it } from "vitest";
import { createSoundEncoder } from "./audio-encoder.ts";
import type { EncodedUnit, TrackDescription } from "./video-encoder.ts";

const tickMs = 40;
const ticks = 25;

/** A sweep from 200 to 1800 Hz, unlike itself at every other moment. */
function sweep(sampleRateHz: number): Int16Array {
  const seconds = (ticks * tickMs) / 1000;
  return Int16Array.from({ length: seconds * sampleRateHz }, (_, n) => {
    const t = n / sampleRateHz;
    return 12_000 * Math.sin(2 * Math.PI * (200 * t + (800 * t * t) / seconds));
  });
}

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
  const sound = sweep(sampleRateHz);
  for (let tick = 0; tick < ticks; tick++)
    encoder.encode(sound.subarray(tick * perTick, (tick + 1) * perTick), startUs + tick * tickMs * 1000);
  await encoder.flush();
  encoder.close();
  return { units, track: track as TrackDescription, sound };
}

/** What a decoder gives back, from the first unit on. */
async function decode(units: readonly EncodedUnit[], track: TrackDescription, sampleRateHz: number) {
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
  return { samples, rateHz };
}

/** How much later than it was given in sound is heard when each unit sounds at its time, from where the two agree best. */
async function latenessMs(codec: AudioCodec, sampleRateHz: number, startUs: number): Promise<number> {
  const { units, track, sound } = await encode(codec, sampleRateHz, startUs);
  const { samples, rateHz } = await decode(units, track, sampleRateHz);
  const firstS = ((units[0]?.ptsUs ?? 0) - startUs) / 1e6;
  const window = Array.from({ length: 0.2 * sampleRateHz }, (_, n) => n + Math.round(0.4 * sampleRateHz));
  const agreement = (lag: number) =>
    window.reduce((sum, n) => sum + (sound[n] as number) * (samples[Math.round(((n + lag) / sampleRateHz - firstS) * rateHz)] ?? 0), 0);
  const span = Math.round(0.03 * sampleRateHz);
  const lags = Array.from({ length: 2 * span + 1 }, (_, n) => n - span);
  return (lags.reduce((best, lag) => (agreement(lag) > agreement(best) ? lag : best)) / sampleRateHz) * 1000;
}

describe("encoded sound", () => {
  it.each([
    ["AAC", AudioCodec.AAC, 16_000],
    ["AAC", AudioCodec.AAC, 24_000],
    ["AAC", AudioCodec.AAC, 48_000],
    ["Opus", AudioCodec.OPUS, 16_000],
    ["Opus", AudioCodec.OPUS, 24_000],
    ["Opus", AudioCodec.OPUS, 48_000],
  ] as const)("as %s is heard at its time (case %#)", async (_, codec, sampleRateHz) => {
    expect(Math.abs(await latenessMs(codec, sampleRateHz, 2_000_000))).toBeLessThan(0.3);
  });

  it.each([
    ["AAC", AudioCodec.AAC, 0],
    ["Opus", AudioCodec.OPUS, 13_500],
  ] as const)("as %s leaves out what would sound before the session begins", async (_, codec, firstUs) => {
    expect((await encode(codec, 24_000, 0)).units[0]?.ptsUs).toBe(firstUs);
    expect(Math.abs(await latenessMs(codec, 24_000, 0))).toBeLessThan(0.3);
  });

  it("as Opus tells no decoder to skip what its times allow for already", async () => {
    const { track } = await encode(AudioCodec.OPUS, 24_000, 0);
    expect(Buffer.from(track.description.subarray(0, 8)).toString()).toBe("OpusHead");
    expect(new DataView(track.description.buffer).getUint16(10, true)).toBe(0);
  });

  it("as PCM is what was given", async () => {
    const { units } = await encode(AudioCodec.PCM16, 16_000, 0);
    expect(units.map((unit) => [unit.ptsUs, unit.durationUs, unit.data.byteLength])).toEqual(
      Array.from({ length: ticks }, (_, n) => [n * 40_000, 40_000, 1280]),
    );
  });
});
