import { ServiceError } from "@troupe/errors";
import {
  type AudioCodec,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  type VideoCodec,
} from "mediabunny";
import type { MediaFile, Unit } from "./media-file.ts";
import { scatteredOrder, seededRandom } from "./random.ts";

/** Room before the picture, so that sound can be moved ahead of it. */
const leadUs = 500_000;

/** The same file with its sound later by `shiftMs` (negative: earlier), to the microsecond. |shiftMs| <= 500. */
export function shiftSound({ video, audio }: MediaFile, shiftMs: number): MediaFile {
  const moved = (units: readonly Unit[], byUs: number) => units.map((unit) => ({ ...unit, ptsUs: unit.ptsUs + byUs }));
  return {
    video: { ...video, units: moved(video.units, leadUs) },
    audio: { ...audio, units: moved(audio.units, leadUs + Math.round(shiftMs * 1000)) },
  };
}

/** The same file with its sound cut into blocks of about `blockMs` that have changed places. */
export function shuffleSound({ video, audio }: MediaFile, blockMs: number, seed: number): MediaFile {
  const { units } = audio;
  const perBlock = Math.max(1, Math.round((blockMs * 1000) / (units[0]?.durationUs || 1)));
  const order = scatteredOrder(Math.ceil(units.length / perBlock), seededRandom(seed));
  const shuffled = order.flatMap((block) => units.slice(block * perBlock, (block + 1) * perBlock));
  return { video, audio: { ...audio, units: shuffled.map((unit, n) => ({ ...(units[n] as Unit), data: unit.data })) } };
}

const videoCodecs: Readonly<Record<string, VideoCodec>> = {
  avc1: "avc",
  avc3: "avc",
  hvc1: "hevc",
  hev1: "hevc",
  vp09: "vp9",
  av01: "av1",
};
const audioCodecs: Readonly<Record<string, AudioCodec>> = { mp4a: "aac", opus: "opus", Opus: "opus", "pcm-s16": "pcm-s16" };

/** Packs tracks into an MP4 as they are. @throws ServiceError INVALID_REQUEST for codecs it does not know */
export async function writeMp4({ video, audio }: MediaFile): Promise<Uint8Array<ArrayBuffer>> {
  const videoCodec = videoCodecs[video.config.codec.split(".")[0] ?? ""];
  const audioCodec = audioCodecs[audio.config.codec.split(".")[0] ?? ""];
  if (!videoCodec || !audioCodec) throw new ServiceError("INVALID_REQUEST", `cannot pack ${video.config.codec} with ${audio.config.codec}`);
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: "in-memory" }), target });
  const pictures = new EncodedVideoPacketSource(videoCodec);
  const sounds = new EncodedAudioPacketSource(audioCodec);
  output.addVideoTrack(pictures);
  output.addAudioTrack(sounds);
  await output.start();
  const packet = ({ data, keyframe, ptsUs, durationUs }: Unit) =>
    new EncodedPacket(data, keyframe ? "key" : "delta", ptsUs / 1e6, durationUs / 1e6);
  for (const unit of video.units) await pictures.add(packet(unit), { decoderConfig: video.config });
  for (const unit of audio.units) await sounds.add(packet(unit), { decoderConfig: audio.config });
  await output.finalize();
  if (!target.buffer) throw new ServiceError("INTERNAL", "nothing was written");
  return new Uint8Array(target.buffer);
}
