import { ServiceError } from "@troupe/errors";
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from "mediabunny";

/** One access unit. Times in microseconds on the file's presentation scale. */
export interface Unit {
  readonly ptsUs: number;
  readonly durationUs: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array;
}

export interface VideoUnits {
  readonly config: VideoDecoderConfig;
  readonly units: readonly Unit[];
}

export interface AudioUnits {
  readonly config: AudioDecoderConfig;
  readonly units: readonly Unit[];
}

export interface MediaFile {
  readonly video: VideoUnits;
  readonly audio: AudioUnits;
}

/** What is measured at most; the rest of a longer file is left out. */
export const maxDurationS = 120;

/**
 * The first picture and sound track of a container, in decoding order.
 * @throws ServiceError INVALID_REQUEST when one is missing or cannot be read
 */
export async function readMedia(bytes: Uint8Array<ArrayBuffer>): Promise<MediaFile> {
  using input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const fail = (why: string) => new ServiceError("INVALID_REQUEST", `the file cannot be measured: ${why}`);
  const video = await input.getPrimaryVideoTrack().catch(() => undefined);
  const audio = await input.getPrimaryAudioTrack().catch(() => undefined);
  if (!video || !audio) throw fail("it needs a picture and a sound track");
  const [videoConfig, audioConfig] = [await video.getDecoderConfig(), await audio.getDecoderConfig()];
  if (!videoConfig || !audioConfig) throw fail("its codecs are unknown");
  return {
    video: { config: videoConfig, units: await readUnits(new EncodedPacketSink(video)) },
    audio: { config: audioConfig, units: await readUnits(new EncodedPacketSink(audio)) },
  };
}

async function readUnits(sink: EncodedPacketSink): Promise<Unit[]> {
  const units: Unit[] = [];
  for await (const packet of sink.packets()) {
    if (packet.timestamp > maxDurationS) break;
    const { microsecondTimestamp: ptsUs, microsecondDuration: durationUs, type, data } = packet;
    units.push({ ptsUs, durationUs, keyframe: type === "key", data });
  }
  return units;
}
